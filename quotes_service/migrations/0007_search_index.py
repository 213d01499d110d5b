"""The index of trigrams, and the texts of the quotes that there are. It can be run again."""

from django.db import migrations

from quotes_service.search.index import drop_index, make_index_and_fill


class Migration(migrations.Migration):

    # Nobody waits for it: the texts are written in small transactions, the index beside writes.
    atomic = False

    dependencies = [("quotes_service", "0006_searchable_text")]

    operations = [migrations.RunPython(make_index_and_fill, drop_index)]
