"""The tables of Quotes, filled by SQL with as many quotes as are asked for; no search finds any."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from tools.product import manage

USERS = 1000
# The orders that the REST API offers, each with the columns of its cursors.
ORDERS = {"newest": "id DESC", "oldest": "id", "most_liked": "likes DESC, id DESC"}
_TABLE = "quotes_service_quote"


@dataclass(frozen=True)
class Filtered:
    """A list with a filter: its query string, its order in cursors and in SQL, whose quotes they
    are, and which part of all they are.
    """

    query: str
    order: str
    sorting: str
    condition: str
    part: float


_AUTHOR = "author=Author%203"
_OF_AUTHOR, _OF_USER = "author = 'Author 3'", "created_by_id = 500"
_TIME, _LIKES = "created_at DESC, id DESC", "likes DESC, id DESC"
FILTERED = {
    "of an author": Filtered(_AUTHOR, "newest_written", _TIME, _OF_AUTHOR, 1 / 7),
    "of an author, most liked": Filtered(
        f"{_AUTHOR}&order=most_liked", "most_liked", _LIKES, _OF_AUTHOR, 1 / 7
    ),
    "of a user": Filtered("created_by=500", "newest_written", _TIME, _OF_USER, 1 / USERS),
    "of a user, most liked": Filtered(
        "created_by=500&order=most_liked", "most_liked", _LIKES, _OF_USER, 1 / USERS
    ),
    "of all times": Filtered(
        "created_after=2000-01-01T00:00:00Z", "newest_written", _TIME, "true", 1
    ),
    "of a user and an author": Filtered(
        f"created_by=500&{_AUTHOR}", "newest_written", _TIME, f"{_OF_USER} AND {_OF_AUTHOR}",
        1 / USERS / 7,
    ),
}  # fmt: skip
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
"""  # noqa: S608 - constants


def fill(url: str, environment: Mapping[str, str], quotes: int) -> None:
    """Make the tables in an empty database of PostgreSQL, with so many quotes."""
    manage("quotes_service", "migrate", "--verbosity=0", environment=environment)
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        indexes = cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = %s AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
            [_TABLE],
        ).fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}".encode())
        cursor.execute(_FILL.encode(), {"quotes": quotes})
        for _, definition in indexes:  # all at once costs less than with each row
            cursor.execute(definition.encode())
        # So that the server has nothing left to do in the background.
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def keys_in(url: str, filtered: Filtered, depth: int, count: int) -> list[tuple[int, ...]]:
    """Return the cursor's columns of `count` quotes in a list with a filter."""
    columns = filtered.sorting.replace(" DESC", "").replace(
        "created_at", "(extract(epoch FROM created_at) * 1000000)::bigint"
    )
    query = (
        f"SELECT {columns} FROM {_TABLE} WHERE {filtered.condition}"  # noqa: S608
        f" ORDER BY {filtered.sorting} OFFSET {depth} LIMIT {count}"
    )
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def keys_at(url: str, order: str, depth: int, count: int) -> list[tuple[int, ...]]:
    """Return the cursor's columns of `count` quotes in a list, from the one at `depth` on."""
    columns = ORDERS[order].replace(" DESC", "")
    query = (
        f"SELECT {columns} FROM {_TABLE} ORDER BY {ORDERS[order]}"  # noqa: S608
        f" OFFSET {depth} LIMIT {count}"
    )
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()
