"""A broker in a SQLite file: to try the product without RabbitMQ, and for fast tests.

It keeps the promises of the interface for processes of one machine.
"""

from messaging.brokers.embedded.broker import EmbeddedBroker

__all__ = ["EmbeddedBroker"]
