"""Migrations run while processes of the last release go on: these must survive them."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

APPS = ("identity", "messaging", "quotes_service", "likes_service")
# What the last release has is not looked at: nothing older goes on beside it.
RELEASED = {
    ("identity", "0001_initial"),
    ("messaging", "0001_initial"),
    ("messaging", "0002_set_aside"),
    ("messaging", "0003_held_batch"),
    ("messaging", "0004_awaited_retry"),
    ("messaging", "0005_heard_source"),
    ("messaging", "0006_requested_replay"),
    ("messaging", "0007_flow"),
    ("quotes_service", "0001_initial"),
    ("quotes_service", "0002_like_sequences"),
    ("quotes_service", "0003_accounts"),
    ("quotes_service", "0004_username_keys"),
    ("quotes_service", "0005_sessions"),
    ("quotes_service", "0006_searchable_text"),
    ("quotes_service", "0007_search_index"),
    ("quotes_service", "0008_lists"),
    ("likes_service", "0001_initial"),
    ("likes_service", "0002_resync"),
    ("likes_service", "0003_withdrawal"),
}
# Code of our own that somebody has looked at, and why old code survives it.
LOOKED_AT: dict[tuple[str, str], str] = {}
# Old code sees nothing of these.
_UNSEEN = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
)


def objection(operation: Operation, new_models: set[str]) -> str | None:
    """Return why old code would not survive an operation, or None if it does."""
    about = str(getattr(operation, "model_name", "")).lower()
    if isinstance(operation, _UNSEEN) or about in new_models:
        return None
    what = operation.describe()
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if field.null or field.many_to_many or field.db_default is not NOT_PROVIDED:
            return None
        return f"{what}: old code inserts rows without it: null=True or db_default=…"
    if isinstance(operation, migrations.AlterField) and _only_words(operation.field):
        return None
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        inner = [objection(each, new_models) for each in operation.database_operations]
        return next(filter(None, inner), None)
    return f"{what}: old code goes on as if it had not been: take two releases for it"


def _only_words(field: models.Field) -> bool:
    """Return whether an altered field's change can be one of words: it has choices, of one type."""
    return bool(field.choices)


def objections() -> list[str]:
    """Return why old code would not survive the migrations since the last release."""
    found = []
    loader = MigrationLoader(None)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app not in APPS or (app, name) in RELEASED:
            continue
        new = {
            each.name.lower()
            for each in migration.operations
            if isinstance(each, migrations.CreateModel)
        }
        for operation in migration.operations:
            if isinstance(operation, migrations.RunPython) and (app, name) in LOOKED_AT:
                continue
            if why := objection(operation, new):
                found.append(f"{app} {name}: {why}")
    return found


def test_old_code_survives_every_migration_since_the_last_release() -> None:
    assert objections() == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("quote", "mood", models.TextField()),
        migrations.AddField("quote", "mood", models.TextField(default="")),
        migrations.RemoveField("quote", "title"),
        migrations.RenameField("quote", "title", "text"),
        migrations.AlterField("quote", "title", models.TextField()),
        migrations.DeleteModel("quote"),
        migrations.RunSQL("ALTER TABLE quotes_service_quote DROP title"),
        migrations.AddConstraint(
            "quote", models.UniqueConstraint(fields=["title"], name="title_once")
        ),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_old_code_does_not_survive_is_found(operation: Operation) -> None:
    assert objection(operation, set()) is not None


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("quote", "mood", models.TextField(null=True)),
        migrations.AddField("quote", "mood", models.TextField(db_default="")),
        migrations.AddIndex("quote", models.Index(fields=["title"], name="by_title")),
        migrations.CreateModel("Mood", [("id", models.BigAutoField(primary_key=True))]),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_old_code_sees_nothing_of_passes(operation: Operation) -> None:
    assert objection(operation, set()) is None
