"""The product as real processes, its databases looked into, and its servers at hand."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pika
import psycopg

from tests.histories.operations import Facts
from tests.system.clients import User, register
from tools.children import wait_until
from tools.ports import DEFAULTS, free_port
from tools.product import Product, complete, manage, prepare
from tools.servers import PrivatePostgres, PrivateRabbitMQ

_USERS = """
import uuid
from base64 import b64encode
from quotes_service.models import User
from quotes_service.accounts.tokens import issue_token
for _ in range(%d):
    user = User.objects.create(username=uuid.uuid4().hex, password="!", is_staff=%s)
    print(b64encode(b"User:%%d" %% user.id).decode(), issue_token(user).token)
"""
_ADMIN = """
from quotes_service.models import User
if not User.objects.filter(is_staff=True).exists():
    User.objects.create_superuser("admin", "admin@example.com", "a long password 7")
"""
PATIENCE = 60.0  # seconds; what is awaited comes well under one on an idle machine


class Stack:
    """The running product. `postgres` and `rabbitmq` are None where SQLite and the embedded
    broker stand in.
    """

    def __init__(
        self,
        folder: Path,
        postgres: PrivatePostgres | None,
        rabbitmq: PrivateRabbitMQ | None,
        **environment: str,
    ) -> None:
        self.folder = folder
        self.postgres, self.rabbitmq = postgres, rabbitmq
        self.environment = complete(
            {"PATH": os.environ["PATH"]}
            # On a machine that is busy with the tests themselves, slow is not down.
            | {"UPSTREAM_READ_TIMEOUT": "20", "UPSTREAM_WRITE_TIMEOUT": "20"}
            # Users of a trial hold the token that they began with.
            | {"TOKEN_LIFETIME_SECONDS": "86400"}
            | {name: str(free_port()) for name in DEFAULTS}
            | _servers(folder, postgres, rabbitmq)
            | environment,
            folder,
        )
        self.log = (folder / "log").open("w", buffering=1)
        self.product = Product(self.environment, self.write)
        self.supervisor = self.product.supervisor
        self.graphql = self.product.url("gateway", "/graphql")

    def write(self, name: str, line: str) -> None:
        """Write a line that a process has printed into the log."""
        self.log.write(f"{name} | {line}\n")

    def start(self) -> None:
        """Prepare the databases and start all processes."""
        prepare(self.environment, seed=False)
        self.product.start()
        self.product.wait_until_ready(patience=PATIENCE)

    def stop(self) -> None:
        """Stop all processes."""
        self.product.stop()
        self.log.close()

    def runs_again(self, name: str, killed: int | None) -> bool:
        """Return whether a process runs in place of the one that was killed."""
        return self.supervisor.pid(name) not in (killed, None)

    def logged(self) -> str:
        """Return all that the processes have printed."""
        return (self.folder / "log").read_text()

    def manage(self, service: str, *arguments: str) -> str:
        """Run a management command of a service, and return what it prints."""
        return manage(service, *arguments, environment=self.environment)

    def user(self) -> User:
        """Register a user."""
        return register(self.graphql)

    def users(self, count: int, *, staff: bool = False) -> list[User]:
        """Make users with tokens of an hour, without the cost of a password each."""
        command = _USERS % (count, staff)
        lines = self.manage("quotes_service", "shell", "--no-imports", "--command", command)
        tokens = [line.split() for line in lines.splitlines()]
        return [User(self.graphql, token, user_id) for user_id, token in tokens]

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Look into a service's database."""
        url = self.environment[f"{service.upper()}_DATABASE_URL"]
        if url.startswith("sqlite"):
            connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        with psycopg.connect(url.replace("postgres://", "postgresql://")) as server:
            return list(server.execute(query.encode()).fetchall())

    def execute(self, service: str, statement: str) -> None:
        """Change a service's database behind its back."""
        url = self.environment[f"{service.upper()}_DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as file:
                file.execute(statement)
                file.commit()
            return
        with psycopg.connect(url.replace("postgres://", "postgresql://")) as server:
            server.execute(statement.encode())

    def make_admin(self) -> None:
        """Make sure that Quotes has a member of staff."""
        self.manage("quotes_service", "shell", "--no-imports", "--command", _ADMIN)

    def quotes(self) -> dict[int, tuple[str, int]]:
        """Return Quotes' quotes: id to title and stored count."""
        rows = self.rows("quotes", "SELECT id, title, likes FROM quotes_service_quote")
        return {row[0]: (row[1], row[2]) for row in rows}

    def replica(self) -> dict[int, str]:
        """Return Likes' quotes that are not deleted: id to title."""
        rows = self.rows("likes", "SELECT id, title FROM likes_service_quote WHERE NOT deleted")
        return {row[0]: row[1] for row in rows}

    def likes(self) -> dict[int, int]:
        """Return how many likes each quote has at Likes."""
        query = "SELECT quote_id, count(*) FROM likes_service_like GROUP BY quote_id"
        return {row[0]: row[1] for row in self.rows("likes", query)}

    def pairs(self) -> set[tuple[int, int]]:
        """Return who likes what: (user, quote)."""
        rows = self.rows("likes", "SELECT user_id, quote_id FROM likes_service_like")
        return {(row[0], row[1]) for row in rows}

    def facts(self) -> Facts:
        """Return what both databases hold."""
        quotes = self.rows("quotes", "SELECT id, title, version, likes FROM quotes_service_quote")
        replica = self.rows(
            "likes", "SELECT id, title, version FROM likes_service_quote WHERE NOT deleted"
        )
        return Facts(
            quotes={row[0]: (row[1], row[2], row[3]) for row in quotes},
            replica={row[0]: (row[1], row[2]) for row in replica},
            likes=self.pairs(),
        )

    def agree(self) -> bool:
        """Return whether both services have the same quotes and the same counts."""
        quotes, likes = self.quotes(), self.likes()
        titles = {quote_id: title for quote_id, (title, _) in quotes.items()}
        counts = {quote_id: count for quote_id, (_, count) in quotes.items() if count}
        return titles == self.replica() and counts == likes

    def wait_until_agreed(self, patience: float = PATIENCE) -> None:
        """Wait until the outboxes are empty and both services agree. Raises AssertionError, which
        says how they differ.
        """
        try:
            wait_until(
                lambda: self.outbox("quotes") == self.outbox("likes") == 0 and self.agree(),
                patience=patience,
                what="both services agree",
            )
        except TimeoutError as error:
            raise AssertionError(f"{error}: {self.differences()}") from None

    def differences(self) -> dict[str, object]:
        """Return in what the services differ, for who reads why a test failed."""
        quotes, likes, replica = self.quotes(), self.likes(), self.replica()
        return {
            "unpublished": {name: self.outbox(name) for name in ("quotes", "likes")},
            "titles": quotes.keys() ^ replica.keys()
            | {id for id in quotes.keys() & replica.keys() if quotes[id][0] != replica[id]},
            "counts": {
                id: (quotes.get(id), likes.get(id, 0))
                for id in quotes.keys() | likes.keys()
                if id not in quotes or quotes[id][1] != likes.get(id, 0)
            },
            "dead letters": self.dead_letters(),
        }

    def outbox(self, service: str) -> int:
        """Return how many events a service has not published yet."""
        return int(self.rows(service, "SELECT count(*) FROM messaging_outbox")[0][0])

    def dead_letters(self) -> list[tuple[Any, ...]]:
        """Return the dead letters of both services."""
        query = "SELECT type, reason, error FROM messaging_dead_letter"
        return self.rows("quotes", query) + self.rows("likes", query)


def _servers(
    folder: Path, postgres: PrivatePostgres | None, rabbitmq: PrivateRabbitMQ | None
) -> dict[str, str]:
    """Return what says where they are, with new databases and without a log."""
    values = {}
    if rabbitmq is not None:
        values["BROKER_URL"] = rabbitmq.url
        # It is of the databases of an earlier stack, and `live` would read it all.
        with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
            connection.channel().queue_delete("events.log")
    if postgres is not None:
        name = folder.name.replace("-", "_").lower()
        for service in ("quotes", "likes"):
            url = postgres.create_database(f"{service}_{name}")
            values[f"{service.upper()}_DATABASE_URL"] = url
    return values


@contextmanager
def running(
    postgres: PrivatePostgres | None = None,
    rabbitmq: PrivateRabbitMQ | None = None,
    **environment: str,
) -> Iterator[Stack]:
    """Have the product run meanwhile."""
    with tempfile.TemporaryDirectory(prefix="stack-") as folder:
        stack = Stack(Path(folder), postgres, rabbitmq, **environment)
        try:
            stack.start()
            yield stack
        except BaseException:
            print(stack.logged()[-20_000:])  # noqa: T201 - pytest shows it with the failure
            raise
        finally:
            stack.stop()
