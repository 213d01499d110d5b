"""A page of 20 likes from Likes on PostgreSQL: of all, of a user and of a quote, at any depth.

python -m bench.likes_page [--likes 10000000] [--seconds 1] [--rounds 5]
"""

import argparse
import os
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg

from bench.kit.processes import Program, shipped
from bench.kit.report import Report
from bench.kit.rest_services import loaded
from bench.kit.rounds import LEAST_ROUNDS, interleaved
from rest.cursors import encode_cursor
from tools.ports import free_port
from tools.product import manage
from tools.servers import PrivatePostgres

USERS = 1000  # each of whom likes all quotes
OURS = "of all, first page"
_FILL = """
SET session_replication_role = replica;
INSERT INTO likes_service_quote (id, title, author, version, deleted)
SELECT number, 'Nothing is lost', '', 1, false FROM generate_series(1, %(quotes)s) AS number;
INSERT INTO likes_service_like (user_id, quote_id, created_at, events)
SELECT user_id, quote_id, now(), '[]'
FROM generate_series(1, %(quotes)s) AS quote_id, generate_series(1, %(users)s) AS user_id;
"""


def main() -> None:
    """Measure, print the table and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--likes", type=int, default=10_000_000, help="how many there are")
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        postgres = running.enter_context(PrivatePostgres())
        database = postgres.create_database("likes")
        port = free_port()
        values = {
            "LIKES_PORT": str(port),
            "LIKES_DATABASE_URL": database,
            "JWKS_FILE": str(Path(folder) / "jwks.json"),
        }
        manage("likes_service", "migrate", "--verbosity=0", environment=os.environ | values)
        paths = _filled(database, asked.likes // USERS)
        likes = Program("likes", shipped("likes"), values, Path(folder) / "likes.log")
        running.callback(likes.stop)
        likes.wait_for_port(port)
        contestants = {
            name: partial(
                loaded, likes, postgres, f"http://127.0.0.1:{port}{path}", seconds=asked.seconds
            )
            for name, path in paths.items()
        }
        found = interleaved(contestants, asked.rounds)
    others = [name for name in contestants if name != OURS]
    Report(f"likes_page_{asked.likes}", found, ours=OURS, yardsticks=others).show()


def _filled(database: str, quotes: int) -> dict[str, str]:
    """Fill the tables. Return the paths of pages at three depths of each list."""
    lists = {
        "of all": ("", ""),
        "of a user": ("&user=500", f"WHERE user_id = {USERS // 2}"),
        "of a quote": (f"&quote={quotes // 2}", f"WHERE quote_id = {quotes // 2}"),
    }
    paths = {}
    with psycopg.connect(database, autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(_FILL.encode(), {"quotes": quotes, "users": USERS})
        # So that the server has nothing left to do in the background.
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
        for name, (query, where) in lists.items():
            size = {"of all": quotes * USERS, "of a user": quotes, "of a quote": USERS}[name]
            paths[f"{name}, first page"] = f"/likes?limit=20{query}"
            for depth, place in (("middle", size // 2), ("last", size - 40)):
                statement = (
                    f"SELECT id FROM likes_service_like {where}"  # noqa: S608 - our own
                    f" ORDER BY id DESC OFFSET {place} LIMIT 1"
                )
                [key] = cursor.execute(statement.encode()).fetchone() or ()
                after = encode_cursor("likes", [key])
                paths[f"{name}, {depth} page"] = f"/likes?limit=20{query}&after={after}"
    return paths


if __name__ == "__main__":
    main()
