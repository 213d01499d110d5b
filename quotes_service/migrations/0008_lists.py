from django.db import migrations, models

from database.indexes import AddIndexWhileWritten

INDEXES = {
    "quote_by_time": ["created_at", "id"],
    "quote_by_creator_time": ["created_by", "created_at", "id"],
    "quote_by_creator_likes": ["created_by", "likes", "id"],
    "quote_by_author_time": ["author", "created_at", "id"],
    "quote_by_author_likes": ["author", "likes", "id"],
}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("quotes_service", "0007_search_index")]

    operations = [
        *(
            AddIndexWhileWritten(model_name="quote", index=models.Index(fields=fields, name=name))
            for name, fields in INDEXES.items()
        ),
        migrations.RemoveIndex(model_name="quote", name="quote_by_creator"),
    ]
