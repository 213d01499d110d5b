"""RabbitMQ through pika: the only package that imports pika."""

from messaging.brokers.rabbitmq.broker import RabbitMQBroker

__all__ = ["RabbitMQBroker"]
