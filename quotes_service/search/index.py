"""Making the index of trigrams, for the migrations: Django has no words for it on both databases.

On SQLite triggers keep it in step. They go with the table when a migration of its model makes
that anew, as Django does for most changes there; such a migration calls `make_index` after it.
"""

from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as SchemaEditor

from quotes_service.models import SearchableText
from quotes_service.search.refolding import catch_up
from quotes_service.search.trigrams import FTS5_TABLE

A_BATCH = 500  # quotes whose rows are locked at once
_TABLE = SearchableText._meta.db_table
_INDEX = "searchable_text_trigrams"
# What new rows wait in before they are in the index is read by each search: 64 kB at most.
_POSTGRESQL = f"""
CREATE INDEX CONCURRENTLY IF NOT EXISTS {_INDEX} ON {_TABLE}
USING gin (text gin_trgm_ops) WITH (gin_pending_list_limit = 64)
"""
_INVALID = "SELECT true FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"
_WRITTEN = f"INSERT INTO {FTS5_TABLE} (rowid, text) VALUES (new.quote_id, new.text);"  # noqa: S608
_REMOVED = (
    f"INSERT INTO {FTS5_TABLE} ({FTS5_TABLE}, rowid, text)"  # noqa: S608
    " VALUES ('delete', old.quote_id, old.text);"
)
_SQLITE = (
    # No places of words, and no lengths: what is found is compared again.
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {FTS5_TABLE} USING fts5 (text, content='{_TABLE}',"
    " content_rowid='quote_id', detail=none, columnsize=0, tokenize='trigram case_sensitive 1')",
    f"CREATE TRIGGER IF NOT EXISTS {_INDEX}_inserted AFTER INSERT ON {_TABLE} BEGIN {_WRITTEN} END",
    f"CREATE TRIGGER IF NOT EXISTS {_INDEX}_deleted AFTER DELETE ON {_TABLE} BEGIN {_REMOVED} END",
    f"CREATE TRIGGER IF NOT EXISTS {_INDEX}_updated AFTER UPDATE ON {_TABLE}"
    f" BEGIN {_REMOVED} {_WRITTEN} END",
    f"INSERT INTO {FTS5_TABLE} ({FTS5_TABLE}) VALUES ('rebuild')",  # noqa: S608
)
_NOT_ALLOWED = """\
This database has no extension pg_trgm, which searches need, and this account can't make it: {}.
Have a superuser, or the database's owner, run in it: CREATE EXTENSION pg_trgm
(Debian has it in postgresql-contrib, or in the server's own package.) Then migrate again;
nothing has been changed.\
"""


def require_pg_trgm(apps: Any, editor: SchemaEditor) -> None:
    """Make the extension that PostgreSQL's index needs. Raises `CommandError` if it may not."""
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError as error:
            reason = str(error).splitlines()[0]
            raise CommandError(_NOT_ALLOWED.format(reason)) from error


def make_index_and_fill(apps: Any, editor: SchemaEditor) -> None:
    """Make the index, and write what the quotes are found by that there are, in small batches."""
    is_postgresql = editor.connection.vendor == "postgresql"
    if not is_postgresql:
        make_index(apps, editor)
    while catch_up(A_BATCH):
        pass
    if is_postgresql:  # all at once costs less than with each row, and locks nobody out
        make_index(apps, editor)


def make_index(apps: Any, editor: SchemaEditor) -> None:
    """Make the index, without a lock against writes on PostgreSQL."""
    with editor.connection.cursor() as cursor:
        if editor.connection.vendor == "postgresql":
            cursor.execute(_INVALID, [_INDEX])
            if cursor.fetchone():  # an earlier migration was ended as it made it
                cursor.execute(f"DROP INDEX CONCURRENTLY {_INDEX}")
            cursor.execute(_POSTGRESQL)
            return
        with transaction.atomic():
            for statement in _SQLITE:
                cursor.execute(statement)


def drop_index(apps: Any, editor: SchemaEditor) -> None:
    """Remove the index."""
    with editor.connection.cursor() as cursor:
        if editor.connection.vendor == "postgresql":
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_INDEX}")
            return
        for event in ("inserted", "deleted", "updated"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {_INDEX}_{event}")
        cursor.execute(f"DROP TABLE IF EXISTS {FTS5_TABLE}")
