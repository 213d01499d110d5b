"""The tables of Quotes, filled by SQL with as many quotes as are asked for."""

from collections.abc import Mapping

import psycopg

from tools.product import manage

USERS = 1000
# The orders that the REST API offers, each with the columns of its cursors.
ORDERS = {"newest": "id DESC", "oldest": "id", "most_liked": "likes DESC, id DESC"}
_TABLE = "quotes_service_quote"
# The data itself without a foreign key's check of each row, which would take longer.
_FILL = f"""
SET session_replication_role = replica;
INSERT INTO quotes_service_user
    (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
     date_joined)
SELECT number, '!', false, 'user' || number, '', '', '', false, true, now()
FROM generate_series(1, {USERS}) AS number;
INSERT INTO {_TABLE}
    (title, author, likes, version, searchable_version, likes_sequence, likes_counted_sequence,
     created_by_id, created_at, updated_at)
SELECT
    'Nothing is lost, said number ' || number || ', and nothing counts twice.',
    CASE WHEN mod(number, 7) = 0 THEN '' ELSE 'Author ' || mod(number, 7) END,
    -- A few have most of the likes, and half of them none.
    floor(power(random(), 8) * 250), 1, 1, 0, 0, 1 + mod(number, {USERS}),
    now() - make_interval(secs => %(quotes)s - number),
    now() - make_interval(secs => %(quotes)s - number)
FROM generate_series(1, %(quotes)s) AS number;
INSERT INTO quotes_service_searchabletext (quote_id, text)
SELECT id, ' ' || lower(title || ' ' || author) || ' ' FROM {_TABLE};
"""  # noqa: S608 - constants


def fill(url: str, environment: Mapping[str, str], quotes: int) -> None:
    """Make the tables in an empty database of PostgreSQL, with so many quotes."""
    manage("quotes_service", "migrate", "--verbosity=0", environment=environment)
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        indexes = cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = ANY(%s) AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
            [[_TABLE, "quotes_service_searchabletext"]],
        ).fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}".encode())
        cursor.execute(_FILL.encode(), {"quotes": quotes})
        for _, definition in indexes:  # all at once costs less than with each row
            cursor.execute(definition.encode())
        # So that the server has nothing left to do in the background.
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def keys_at(url: str, order: str, depth: int, count: int) -> list[tuple[int, ...]]:
    """Return the cursor's columns of `count` quotes in a list, from the one at `depth` on."""
    columns = ORDERS[order].replace(" DESC", "")
    query = (
        f"SELECT {columns} FROM {_TABLE} ORDER BY {ORDERS[order]}"  # noqa: S608
        f" OFFSET {depth} LIMIT {count}"
    )
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()
