from itertools import islice
from unicodedata import normalize

from django.db import migrations, models

ROWS_AT_ONCE = 1000


def fill_keys(apps, schema_editor):
    """Give each account its key, oldest first. One whose key is taken is named, and keeps none."""
    User = apps.get_model("quotes_service", "User")
    rows = User.objects.using(schema_editor.connection.alias)
    taken = dict(rows.exclude(username_key=None).values_list("username_key", "username"))
    accounts = rows.filter(username_key=None).order_by("id").only("id", "username").iterator()
    while page := list(islice(accounts, ROWS_AT_ONCE)):
        changed = []
        for user in page:
            key = normalize("NFKC", normalize("NFKC", user.username).casefold())
            if key in taken:
                print(
                    f"\n  The account {user.username!r} (id {user.id}) has the name of"
                    f" {taken[key]!r}. Both stay: each logs in by its exact name, and by any"
                    " other spelling the older."
                )
                continue
            taken[key] = user.username
            user.username_key = key
            changed.append(user)
        rows.bulk_update(changed, ["username_key"])


class Migration(migrations.Migration):

    dependencies = [
        ('quotes_service', '0002_like_sequences'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='username_key',
            field=models.TextField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='user',
            name='valid_from',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='version',
            field=models.BigIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
