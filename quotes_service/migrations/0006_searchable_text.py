"""What quotes are found by. The release before goes on writing quotes without it."""

import django.db.models.deletion
from django.db import migrations, models

from quotes_service.search.index import require_pg_trgm


class Migration(migrations.Migration):

    dependencies = [("quotes_service", "0005_sessions")]

    operations = [
        # First, so that where it may not be made nothing has changed.
        migrations.RunPython(require_pg_trgm, migrations.RunPython.noop),
        migrations.AddField(
            model_name="quote",
            name="searchable_version",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        migrations.CreateModel(
            name="SearchableText",
            fields=[
                (
                    "quote",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="quotes_service.quote",
                    ),
                ),
                ("text", models.TextField()),
            ],
        ),
        migrations.AddIndex(
            model_name="quote",
            index=models.Index(
                condition=models.Q(("searchable_version", models.F("version")), _negated=True),
                fields=["id"],
                name="quote_not_searchable",
            ),
        ),
    ]
