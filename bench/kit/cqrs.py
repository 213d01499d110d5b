"""django-cqrs, as its documentation has it: a database of its own, its exchange and its queue."""

import subprocess
from collections.abc import Mapping

import pika

from bench.kit.environments import PEERS, python_of
from bench.kit.processes import Program
from bench.kit.stack import QUOTES, Stack
from bench.kit.workers import Worker, peer
from tools.environment import ROOT

CQRS_QUEUE = "cqrs"
_TABLES = """
from likes.models import Quote
Quote.objects.bulk_create([Quote(id=1 + number) for number in range(%d)])
"""


def master(made: Stack, *, confirmed: bool = False) -> Worker:
    """Start who gives likes through its master model, by the transport that it comes with or by
    one that waits for the broker's confirm.
    """
    environment = dict(_prepared(made))
    if confirmed:
        environment["TRANSPORT"] = "confirmed.ConfirmedTransport"
    return peer("cqrs", "like", environment, made.folder)


def synchroniser(made: Stack) -> Worker:
    """Start who publishes the likes that are in its database."""
    return peer("cqrs", "sync", _prepared(made), made.folder)


def replica(made: Stack) -> Program:
    """Start its consumer, with one worker."""
    command = [str(python_of("cqrs")), "-m", "django", "cqrs_consume", "--workers", "1"]
    return Program("cqrs", command, _prepared(made), made.folder / "cqrs.log")


def _prepared(made: Stack) -> Mapping[str, str]:
    """Make its database and its queue, unless they are there. Return its environment."""
    environment = {
        "BROKER_URL": made.rabbitmq.url,
        "DATABASE_URL": made.postgres.url_of("cqrs"),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": f"{PEERS}:{PEERS / 'cqrs'}",
    }
    marker = made.folder / "cqrs.prepared"
    if marker.exists():
        return environment
    made.postgres.create_database("cqrs")
    for command in (["migrate", "--run-syncdb"], ["shell", "--command", _TABLES % QUOTES]):
        subprocess.run(
            [str(python_of("cqrs")), "-m", "django", *command],
            env=environment, cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
    with pika.BlockingConnection(pika.URLParameters(made.rabbitmq.url)) as connection:
        channel = connection.channel()
        channel.exchange_declare("cqrs", "topic", durable=True)
        channel.queue_declare(CQRS_QUEUE, durable=True)
        channel.queue_bind(CQRS_QUEUE, "cqrs", "like")
    marker.touch()
    return environment
