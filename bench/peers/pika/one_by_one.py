"""What pika's examples do: publish, wait for the confirm, publish the next."""

import pika
from control import serve
from wire import EXCHANGE, messages, parameters

MESSAGES = messages()
channel = pika.BlockingConnection(parameters()).channel()
channel.confirm_delivery()


def publish(count):
    """Publish the first so many."""
    for routing_key, body, properties in MESSAGES[:count]:
        channel.basic_publish(EXCHANGE, routing_key, body, properties, mandatory=True)


serve(publish)
