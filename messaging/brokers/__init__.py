"""Broker backends behind one interface."""

from messaging.brokers.interface import Broker
from messaging.errors import BrokerUnavailable


def broker_for(url: str, name: str, *, fast: bool = True) -> Broker:
    """Make the broker that `url` names; does not connect.

    `amqp://` and `amqps://` are RabbitMQ (several nodes of a cluster separated by commas),
    `sqlite:///path` is the embedded broker. RabbitMQ shows `name` to its operator. Without
    `fast` its client, pika, is used as it comes. Raise ValueError for another scheme.
    """
    scheme = url.partition(":")[0]
    if scheme in ("amqp", "amqps"):
        from messaging.brokers.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(url, name, fast=fast)
    if scheme == "sqlite":
        from messaging.brokers.embedded import EmbeddedBroker

        return EmbeddedBroker(url)
    raise ValueError(f"BROKER_URL must begin with amqp://, amqps:// or sqlite:///, not {scheme}:")


__all__ = ["Broker", "BrokerUnavailable", "broker_for"]
