"""Retries: a message that failed is acked only when its retry is safe with the broker."""

from collections.abc import Sequence

import pytest

from messaging.brokers import Broker
from messaging.brokers.interface import Topology
from messaging.consumer import Consumer
from messaging.errors import BrokerUnavailable
from messaging.events import Message
from messaging.retries import Retries
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled
from tests.messaging.running import PATIENCE, at_work, lose_queue, sent, until_entries
from tools.children import wait_until


@pytest.mark.django_db(transaction=True)
def test_a_message_whose_retry_the_broker_refuses_is_kept_and_comes_again(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    first_wait = messaging.retry_queue(messaging.retry_delays[0])
    with at_work(Consumer) as health:
        wait_until(health.ready, patience=PATIENCE, what="the consumer is ready")
        lose_queue(first_wait)
        publish(broker, [sent(messaging, Troubled(number=7))])
        wait_until(
            lambda: health.as_json()["counts"].get("retried") == 1, patience=PATIENCE, what="retry"
        )
        # The refusal had the consumer connect again, and so declare what was missing.
        broker.queue_state(first_wait)
        handlers.FAILING.clear()
        until_entries(1)


class Silent:
    """A publisher whose broker confirms nothing: that would take minutes to make for real."""

    def send(self, messages: Sequence[Message]) -> "Silent":
        return self

    def wait(self, timeout: float) -> None:
        return None


@pytest.mark.parametrize("broker_url", ["embedded"], indirect=True)
def test_a_retry_that_the_broker_does_not_confirm_is_none(messaging: Topology) -> None:
    message = sent(messaging, Counted(number=1))
    with pytest.raises(BrokerUnavailable, match="no confirm"):
        Retries(Silent(), messaging).send(message, messaging.retry_delays[0])  # type: ignore[arg-type]
