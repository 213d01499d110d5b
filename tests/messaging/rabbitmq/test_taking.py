"""A message that came back is handled alone, since it may be the one that kills its process.

While a subscriber is cautious it holds one message at a time anyway. But what a dying process held
may come back after what it did not, to a subscriber that trusts its queue by then.
"""

from typing import Any

from pika import BasicProperties, spec

from messaging.brokers.rabbitmq.subscriber import _ConsumingLink


def test_of_what_has_arrived_each_message_that_came_back_is_taken_alone() -> None:
    link = _ConsumingLink("amqp://127.0.0.1/", "test", "queue", 10, fast=True)
    channel: Any = None
    for number, again in enumerate([False, False, True, True, False, False], start=1):
        method = spec.Basic.Deliver("consumer", number, again, "events", "key")
        link._on_message(channel, method, BasicProperties(), b"{}")
    taken = [[one.tag for one in link.take(10, 0)] for _ in range(5)]
    assert taken == [[1, 2], [3], [4], [5, 6], []]
