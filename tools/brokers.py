"""Which broker `make run` uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from tools.servers import PrivateRabbitMQ
from tools.servers.rabbitmq import installed

LOCAL = "amqp://guest:guest@127.0.0.1:5672/"


@dataclass(frozen=True)
class Choice:
    """A broker: its address, what it is in words, how to get the other kind, and our own node."""

    url: str
    what: str
    other: str
    node: PrivateRabbitMQ | None = None


def choose(environment: Mapping[str, str], var: Path) -> Choice:
    """Choose: BROKER_URL; else RabbitMQ at localhost; else a node of our own; else the embedded."""
    embedded = f"sqlite:///{var / 'broker.sqlite3'}"
    to_embedded = f"BROKER_URL={embedded} make run, for the embedded one"
    if url := environment.get("BROKER_URL"):
        if url.startswith("sqlite"):
            return Choice(url, "the embedded broker of BROKER_URL", "unset BROKER_URL")
        return Choice(url, "RabbitMQ of BROKER_URL", to_embedded)
    if answers(LOCAL):
        return Choice(LOCAL, "RabbitMQ at localhost:5672", to_embedded)
    if installed():
        node = PrivateRabbitMQ(var / "rabbitmq")
        return Choice(node.url, "a RabbitMQ node of our own, kept under var/", to_embedded, node)
    return Choice(
        embedded,
        "the embedded broker (no RabbitMQ was found)",
        "apt-get install rabbitmq-server, or set BROKER_URL to amqp://user:password@host/",
    )


def answers(url: str) -> bool:
    """Return whether a broker lets us in there."""
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = 2
    parameters.stack_timeout = 3
    try:
        pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError):
        return False
    return True
