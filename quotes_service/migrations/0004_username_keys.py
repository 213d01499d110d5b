from typing import Any
from unicodedata import normalize

from django.db import migrations

ROWS_AT_ONCE = 1000


def fill_keys(apps: Any, schema_editor: Any) -> None:
    """Give each account its key, oldest first. One whose key is taken is named, and keeps none."""
    User = apps.get_model("quotes_service", "User")
    rows = User.objects.using(schema_editor.connection.alias)
    taken = dict(rows.exclude(username_key=None).values_list("username_key", "username"))
    waiting, last_id = rows.filter(username_key=None).order_by("id").only("id", "username"), 0
    while page := list(waiting.filter(id__gt=last_id)[:ROWS_AT_ONCE]):
        changed, last_id = [], page[-1].id
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

    atomic = False  # accounts go on being used meanwhile; what is interrupted goes on from there

    dependencies = [
        ('quotes_service', '0003_accounts'),
    ]

    operations = [
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
