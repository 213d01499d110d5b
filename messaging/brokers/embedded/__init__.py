"""A broker in a SQLite file: to try the product without RabbitMQ, and for fast tests.

It keeps the promises of the interface for processes of one machine. A subscriber holds a lock
on a file beside the database while it is the active one of its queue; the system frees it when
the process dies, however it dies, and the next one takes the dead one's messages over.
"""

from messaging.brokers.embedded.broker import EmbeddedBroker

__all__ = ["EmbeddedBroker"]
