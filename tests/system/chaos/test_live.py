"""Subscribers while all that they hear through breaks: they miss nothing, and nothing goes back."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pika
import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import Stack, running
from tests.system.subscribers import subscribed
from tools.servers import PrivatePostgres, PrivateRabbitMQ

Loaded = Callable[[Stack], AbstractContextManager[Load]]
SUBSCRIBERS = int(os.environ.get("CHAOS_SUBSCRIBERS", "25"))
KILLED: tuple[str, ...] = ("live", "quotes-relay", "quotes-consumer")
if SUBSCRIBERS > 100:  # as `make chaos` has; `make test` has no time for all
    KILLED += ("likes-relay", "likes-consumer", "quotes", "likes", "gateway")


@pytest.fixture(scope="module")
def live_stack(postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ) -> Iterator[Stack]:
    """The product for many subscribers from one address."""
    with running(postgres, rabbitmq, LIVE_MAX_PER_CALLER=str(2 * SUBSCRIBERS)) as stack:
        yield stack


def test_every_subscriber_has_what_is_stored_whatever_was_killed(
    live_stack: Stack, loaded: Loaded
) -> None:
    assert live_stack.rabbitmq is not None
    with subscribed(live_stack, SUBSCRIBERS) as subscribers:
        with loaded(live_stack) as load:
            for name in KILLED:
                live_stack.supervisor.hold(name)
                load.faults += 1
                live_stack.supervisor.release(name)
                live_stack.product.wait_until_ready(name)
                load.wait_for_more(OPERATIONS)
            live_stack.rabbitmq.kill()
            load.faults += 1
            load.wait_for_more(OPERATIONS)
            live_stack.rabbitmq.start()
            live_stack.product.wait_until_ready()
            load.wait_for_more(OPERATIONS)
        subscribers.judge(load)


def test_a_lost_binding_of_a_service_is_found_although_the_log_takes_all(
    live_stack: Stack, loaded: Loaded
) -> None:
    assert live_stack.rabbitmq is not None
    with loaded(live_stack) as load:
        parameters = pika.URLParameters(live_stack.rabbitmq.url)
        for _ in range(2):
            with pika.BlockingConnection(parameters) as connection:
                channel = connection.channel()
                for pattern in ("quotes.quote.*", "quotes.#", "quotes.quote.#"):
                    channel.queue_unbind("likes", "events", pattern)
            load.faults += 1
            load.wait_for_more(OPERATIONS)
