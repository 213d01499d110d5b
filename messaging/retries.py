"""Retries: a message that failed waits in a queue whose messages all wait equally long.

A time-out per message in one queue would not do: RabbitMQ expires messages only at the head,
so a long wait holds up the short ones behind it.
"""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from messaging.brokers.interface import Publisher, Topology
from messaging.dead_letters import ATTEMPTS_HEADER, attempts_made, original_headers
from messaging.errors import BrokerUnavailable, EventRefused
from messaging.events import Message

# Longer than the publisher's own time-out, whose error says what happened.
CONFIRM_SECONDS = 30


class Retries:
    """Sends failed messages to wait, and reads off a message how often it has failed."""

    def __init__(self, publisher: Publisher, topology: Topology) -> None:
        self._publisher = publisher
        self._topology = topology

    def attempt(self, message: Message) -> int:
        """Return which attempt on this message the one that has just failed was, from 1."""
        return attempts_made(message) + 1

    def delay(self, message: Message) -> timedelta | None:
        """Return how long to wait for the next attempt, or None if there is none left."""
        delays: Sequence[timedelta] = self._topology.retry_delays
        made = attempts_made(message)
        return delays[made] if made < len(delays) else None

    def send(self, message: Message, delay: timedelta) -> None:
        """Have the message come back to this service's queue alone after `delay`.

        Only the count of attempts in its headers is changed. Return when the broker has confirmed
        it, so that the original may be acked, or raise BrokerUnavailable. Raise EventRefused if the
        message can't be sent as it is: its headers are of a kind that can be read and not written.
        """
        waiting = replace(
            message,
            exchange="",
            routing_key=self._topology.retry_queue(delay),
            headers=original_headers(message) | {ATTEMPTS_HEADER: self.attempt(message)},
        )
        confirmation = self._publisher.send([waiting]).wait(CONFIRM_SECONDS)
        if confirmation is None:
            raise BrokerUnavailable(f"no confirm in {CONFIRM_SECONDS} s")
        for refusal in confirmation.refused.values():
            if refusal.lasting:
                raise EventRefused(refusal.reason)
        if confirmation.problem is not None:
            raise BrokerUnavailable(confirmation.problem)
