"""Broker backends behind one interface."""

from messaging.brokers.interface import Broker
from messaging.errors import BrokerUnavailable


def broker_for(url: str, name: str) -> Broker:
    """Make the broker that `url` names; does not connect.

    `amqp://` and `amqps://` are RabbitMQ (several nodes of a cluster separated by commas),
    `sqlite:///path` the embedded broker. `name` tells the operator who it is. Raises ValueError
    for another scheme.
    """
    scheme = url.partition(":")[0]
    if scheme in ("amqp", "amqps"):
        from messaging.brokers.rabbitmq import RabbitMQBroker

        return RabbitMQBroker(url, name)
    if scheme == "sqlite":
        from messaging.brokers.embedded import EmbeddedBroker

        return EmbeddedBroker(url)
    raise ValueError(f"BROKER_URL must begin with amqp://, amqps:// or sqlite:///, not {scheme}:")


__all__ = ["Broker", "BrokerUnavailable", "broker_for"]
