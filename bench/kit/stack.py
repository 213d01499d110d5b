"""Both services' databases and queues, on servers of their own, and their processes one by one."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pika
import psycopg

from bench.kit.processes import Program, shipped
from tools.ports import DEFAULTS, configured_ports, free_port
from tools.product import PORT_OF, complete, manage, prepare
from tools.servers import PrivatePostgres, PrivateRabbitMQ

QUEUE = "quotes"  # that of Quotes, to which the events of likes go
QUOTES = 1000
_USERS = """
from quotes_service.models import User
from quotes_service.accounts.tokens import issue_token
for number in range(%d):
    print(issue_token(User.objects.create(username=f"user{number}", password="!")).token)
"""


@dataclass(frozen=True)
class Stack:
    """Prepared databases and queues; nothing runs on them yet."""

    folder: Path
    environment: Mapping[str, str]
    postgres: PrivatePostgres
    rabbitmq: PrivateRabbitMQ

    def start(self, name: str, **settings: str) -> Program:
        """Start a process of the product, by its name in the Procfile, and wait till it works.

        It goes by `environment` but for these settings.
        """
        values = {**self.environment, **settings}
        program = Program(name, shipped(name), values, self.folder / f"{name}.log")
        program.wait_for_port(configured_ports(self.environment)[PORT_OF[name]])
        return program

    def tokens(self, count: int) -> list[str]:
        """Make users, without the cost of a password each. Return a token of each."""
        shell = ("shell", "--no-imports", "--command", _USERS % count)
        return manage("quotes_service", *shell, environment=self.environment).split()

    def connect(self, service: str) -> psycopg.Connection:
        """Connect to a service's database; each statement is a transaction."""
        return psycopg.connect(self.database(service), autocommit=True)

    def database(self, service: str) -> str:
        """Return the address of a service's database."""
        url = self.environment[f"{service.upper()}_DATABASE_URL"]
        return url.replace("postgres://", "postgresql://")

    def waiting(self, queue: str = QUEUE) -> int:
        """Return how many messages are in a queue."""
        with pika.BlockingConnection(pika.URLParameters(self.rabbitmq.url)) as connection:
            frame = connection.channel().queue_declare(queue, passive=True)
            return int(frame.method.message_count)

    def purge(self, queue: str = QUEUE) -> None:
        """Throw away what is in a queue."""
        with pika.BlockingConnection(pika.URLParameters(self.rabbitmq.url)) as connection:
            connection.channel().queue_purge(queue)


@contextmanager
def stack() -> Iterator[Stack]:
    """Have PostgreSQL and RabbitMQ run meanwhile, with quotes 1 to QUOTES in both services."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as place,
        PrivatePostgres() as postgres,
        PrivateRabbitMQ() as rabbitmq,
    ):
        folder = Path(place)
        environment = complete(
            {
                "PATH": os.environ["PATH"],
                "LOG_FORMAT": "json",
                "TOKEN_LIFETIME_SECONDS": "86400",  # those who write hold theirs for all rounds
                "BROKER_URL": rabbitmq.url,
                "QUOTES_DATABASE_URL": postgres.create_database("quotes"),
                "LIKES_DATABASE_URL": postgres.create_database("likes"),
            }
            | {name: str(free_port()) for name in DEFAULTS},
            folder,
        )
        prepare(environment, seed=False)
        made = Stack(folder, environment, postgres, rabbitmq)
        for service, columns in (("quotes", "likes, likes_sequence, likes_counted_sequence"),
                                 ("likes", "deleted")):  # fmt: skip
            values = "false" if service == "likes" else "0, 0, 0"
            with made.connect(service) as connection:
                connection.execute(
                    f"INSERT INTO {service}_service_quote"  # noqa: S608 - no input
                    f" (id, title, author, version, created_at, updated_at, {columns})"
                    f" SELECT n, 'Quote ' || n, '', 1, now(), now(), {values}"
                    f" FROM generate_series(1, {QUOTES}) AS n".encode()
                )
        with made.connect("quotes") as connection:
            sequence = "pg_get_serial_sequence('quotes_service_quote', 'id')"
            connection.execute(f"SELECT setval({sequence}, {QUOTES})".encode())
        yield made
