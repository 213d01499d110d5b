"""The messages, as pika wants them."""

import os
from pathlib import Path

import orjson
import pika

EXCHANGE = "events"


def parameters():
    """Return where the broker is."""
    return pika.URLParameters(os.environ["BROKER_URL"])


def messages():
    """Read the messages: routing key, body, properties."""
    found = []
    for message in orjson.loads(Path(os.environ["MESSAGES"]).read_bytes()):
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,
            headers=message["headers"],
            message_id=message["message_id"],
            type=message["type"],
        )
        found.append((message["routing_key"], message["body"].encode(), properties))
    return found
