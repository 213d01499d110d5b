"""The usual relay: looks into the outbox twice a second, sends what is there, deletes it."""

import os
import time

import pika
import psycopg
from wire import EXCHANGE, parameters

POLL_SECONDS = 0.5
HEADERS = {
    "cloudEvents_specversion": "1.0",
    "cloudEvents_source": "/likes",
}


def main():
    """Relay until killed."""
    database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    channel = pika.BlockingConnection(parameters()).channel()
    channel.confirm_delivery()
    while True:
        rows = database.execute(
            "SELECT id, event_id, type, key, data, created_at FROM messaging_outbox"
            " ORDER BY id LIMIT 500"
        ).fetchall()
        for row in rows:
            publish(channel, row)
        database.execute(
            "DELETE FROM messaging_outbox WHERE id = ANY(%s)", [[row[0] for row in rows]]
        )
        if len(rows) < 500:
            time.sleep(POLL_SECONDS)


def publish(channel, row):
    """Send a row, and wait for its confirm."""
    number, event_id, event_type, key, data, created_at = row
    headers = HEADERS | {
        "cloudEvents_id": event_id,
        "cloudEvents_type": event_type,
        "cloudEvents_subject": key,
        "cloudEvents_sequence": str(number),
        "cloudEvents_time": created_at.isoformat(),
    }
    properties = pika.BasicProperties(
        content_type="application/json",
        delivery_mode=2,
        headers=headers,
        message_id=event_id,
        type=event_type,
    )
    channel.basic_publish(EXCHANGE, event_type, data.encode(), properties, mandatory=True)


main()
