"""Every message comes twice; a whole day's messages come again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from messaging.brokers import BrokerUnavailable, broker_for
from messaging.brokers.interface import Topology
from messaging.events import ID_HEADER, Message
from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

Loaded = Callable[[Stack], AbstractContextManager[Load]]
TAP = Topology(exchange="events", queue="tap", bindings=["#"], retry_delays=(), delivery_limit=1000)


class Tap:
    """Gets a copy of every message that is published, and publishes each once more."""

    def __init__(self, stack: Stack) -> None:
        self._broker = broker_for(stack.environment["BROKER_URL"], "tap")
        self._broker.declare(TAP)
        self.seen: dict[str, Message] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def publish(self, messages: list[Message]) -> None:
        """Publish messages, and see that the broker has them."""
        publisher = self._broker.publisher()
        try:
            confirmation = publisher.send(messages).wait(60)
            assert confirmation is not None
            assert confirmation.problem is None
        finally:
            publisher.close()

    def _run(self) -> None:
        subscriber, publisher = self._broker.subscriber("tap", 500), self._broker.publisher()
        while not self._stop.is_set():
            try:
                deliveries = subscriber.receive(100, 0.2)
                new = {
                    str(one.message.headers[ID_HEADER]): one.message
                    for one in deliveries
                    if one.message.headers[ID_HEADER] not in self.seen
                }
                if new:
                    self.seen |= new
                    publisher.send(list(new.values())).wait(60)
                subscriber.ack(deliveries)
            except BrokerUnavailable:
                continue
        subscriber.close()
        publisher.close()


@contextmanager
def tapped(stack: Stack) -> Iterator[Tap]:
    tap = Tap(stack)
    tap.start()
    try:
        yield tap
    finally:
        tap.stop()


def test_messages_that_all_come_twice_take_effect_once(stack: Stack, loaded: Loaded) -> None:
    with tapped(stack) as tap, loaded(stack) as load:
        load.wait_for_more(5 * OPERATIONS)
        load.faults += len(tap.seen)


def test_all_messages_of_a_day_replayed_change_nothing(stack: Stack, loaded: Loaded) -> None:
    with tapped(stack) as tap:
        with loaded(stack) as load:
            load.wait_for_more(5 * OPERATIONS)
        tap.stop()
        before = (stack.quotes(), stack.replica(), stack.pairs())
        messages = list(tap.seen.values())
        tap.publish(messages[::-1])
        load.figures["faults"] += len(messages)
        broker = broker_for(stack.environment["BROKER_URL"], "test")
        wait_until(
            lambda: all(broker.queue_state(queue).ready == 0 for queue in ("quotes", "likes")),
            patience=PATIENCE,
            what="all is handled",
        )
        stack.wait_until_agreed()
        assert (stack.quotes(), stack.replica(), stack.pairs()) == before
        assert stack.dead_letters() == []
