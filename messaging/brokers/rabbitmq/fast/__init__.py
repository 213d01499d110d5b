"""pika's connection, faster: the door of this package, which holds nothing but speed."""

from messaging.brokers.rabbitmq.fast.connection import FastConnection

__all__ = ["FastConnection"]
