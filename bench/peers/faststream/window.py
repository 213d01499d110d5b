"""FastStream with confirms, many messages at a time."""

import asyncio
import os
from pathlib import Path

import orjson
from control import serve
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange

WINDOW = int(os.environ["WINDOW"])
MESSAGES = orjson.loads(Path(os.environ["MESSAGES"]).read_bytes())
EXCHANGE = RabbitExchange("events", type=ExchangeType.TOPIC, durable=True)
loop = asyncio.new_event_loop()
broker = RabbitBroker(os.environ["BROKER_URL"])


async def publish_all(count):
    """Publish the first so many by as many tasks as there may be unconfirmed."""
    waiting = iter(MESSAGES[:count])

    async def publish():
        for message in waiting:
            await broker.publish(
                message["body"].encode(),
                exchange=EXCHANGE,
                routing_key=message["routing_key"],
                content_type="application/json",
                headers=message["headers"],
                message_id=message["message_id"],
                message_type=message["type"],
                persist=True,
                mandatory=True,
            )

    await asyncio.gather(*[publish() for _ in range(WINDOW)])


loop.run_until_complete(broker.connect())
serve(lambda count: loop.run_until_complete(publish_all(count)))
