"""What the consumer is handed twice counts once, of whatever type it is."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from messaging.brokers import Broker, broker_for
from messaging.conf import messaging_settings
from messaging.consumer import Consumer
from messaging.events import Event, to_message
from messaging.health import Health
from quotes_service.handlers import LIKED, UNLIKED
from quotes_service.models import Quote
from tools.children import wait_until

PATIENCE = 30.0  # seconds


@pytest.fixture
def broker(settings: Settings, tmp_path: Path) -> Broker:
    """An embedded broker with what Quotes reads."""
    settings.BROKER_URL = f"sqlite:///{tmp_path / 'broker.sqlite3'}"
    broker = broker_for(settings.BROKER_URL, "test")
    broker.declare(messaging_settings().topology)
    return broker


def consume(broker: Broker, events: list[Event]) -> None:
    """Publish the events, and have a consumer empty the queue."""
    settings = messaging_settings()
    publisher = broker.publisher()
    publisher.send([to_message(event, settings.exchange) for event in events])
    publisher.close()
    stop = threading.Event()

    def work() -> None:
        try:
            Consumer(broker, Health(), stop).run()
        finally:
            connections.close_all()

    def is_empty() -> bool:
        state = broker.queue_state(settings.queue)
        return (state.ready, state.unacked) == (0, 0)

    consumer = threading.Thread(target=work)
    consumer.start()
    try:
        wait_until(is_empty, patience=PATIENCE, what="an empty queue")
    finally:
        stop.set()
        consumer.join()


@pytest.mark.django_db(transaction=True)
def test_a_like_and_an_unlike_that_come_again_change_nothing(
    broker: Broker, make_quote: Callable[..., Quote]
) -> None:
    quote = make_quote(likes=5)
    events = [
        Event(
            type=kind,
            source="/likes",
            subject=f"quotes/{quote.id}",
            data={"quote_id": quote.id, "user_id": 5, "created_at": "2026-11-25T04:38:40Z"},
            sequence=sequence,
        )
        for sequence, kind in enumerate([LIKED, UNLIKED, UNLIKED], start=1)
    ]
    consume(broker, [*events, *events])
    consume(broker, [*reversed(events)])
    quote.refresh_from_db()
    assert quote.likes == 4
