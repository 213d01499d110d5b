"""The yardstick of a consumer: as little as can be written by hand that counts each like once.

A batch is a transaction: its ids go into the inbox, and the new ones' likes are added up per quote.
Likes that were taken back come by the same queue, and count as one less.
"""

import os
from collections import Counter

import orjson
import pika
import psycopg
from wire import parameters

LIKED = "likes.like.created"
BATCH, PREFETCH = 250, 500
GATHER_SECONDS = 0.01  # while there are many, batches fill up in less
TAKE = (
    "INSERT INTO messaging_inbox (event_id, source, handled_at) SELECT id, %s, now()"
    " FROM unnest(%s::text[]) AS id ON CONFLICT DO NOTHING RETURNING event_id"
)
COUNT = (
    "UPDATE quotes_service_quote SET likes = quotes_service_quote.likes + given.likes"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, likes)"
    " WHERE quotes_service_quote.id = given.id"
)


class Consumer:
    """Handles what has arrived, a batch at a time, on pika's event loop."""

    def __init__(self):
        self._database = psycopg.connect(os.environ["DATABASE_URL"])
        self._waiting = []
        self._asked = False
        self._connection = pika.SelectConnection(parameters(), on_open_callback=self._opened)

    def run(self):
        """Consume until killed."""
        self._connection.ioloop.start()

    def _opened(self, connection):
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel):
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume("quotes", self._arrived)

    def _arrived(self, channel, method, properties, body):
        change = 1 if properties.type == LIKED else -1
        self._waiting.append((method.delivery_tag, properties.message_id, change, body))
        if len(self._waiting) >= BATCH:
            self._handle(channel)
        elif not self._asked:
            self._asked = True
            self._connection.ioloop.call_later(GATHER_SECONDS, lambda: self._rest(channel))

    def _rest(self, channel):
        self._asked = False
        if self._waiting:
            self._handle(channel)

    def _handle(self, channel):
        batch, self._waiting = self._waiting, []
        changes = {
            message_id: (orjson.loads(body)["quote_id"], change)
            for _, message_id, change, body in batch
        }
        with self._database.transaction(), self._database.cursor() as cursor:
            cursor.execute(TAKE, ["/likes", sorted(changes)])
            likes = Counter()
            for (message_id,) in cursor:
                quote_id, change = changes[message_id]
                likes[quote_id] += change
            changed = sorted(likes)
            cursor.execute(COUNT, [changed, [likes[quote_id] for quote_id in changed]])
        channel.basic_ack(batch[-1][0], multiple=True)


Consumer().run()
