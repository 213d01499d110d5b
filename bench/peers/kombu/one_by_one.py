"""kombu with confirms, which it waits for after each message."""

import os
from pathlib import Path

import kombu
import orjson
from control import serve

MESSAGES = orjson.loads(Path(os.environ["MESSAGES"]).read_bytes())
connection = kombu.Connection(os.environ["BROKER_URL"], transport_options={"confirm_publish": True})
producer = connection.Producer()


def publish(count):
    """Publish the first so many."""
    for message in MESSAGES[:count]:
        producer.publish(
            message["body"].encode(),
            exchange="events",
            routing_key=message["routing_key"],
            content_type="application/json",
            content_encoding="utf-8",
            headers=message["headers"],
            message_id=message["message_id"],
            type=message["type"],
            delivery_mode=2,
            mandatory=True,
        )


serve(publish)
