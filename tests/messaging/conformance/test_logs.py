"""What every broker promises about logs: each reader reads all, in order, from where it likes."""

import dataclasses
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pika
import pytest
from pika.channel import Channel

from messaging.brokers import Broker
from messaging.brokers.interface import Entry, Log, Reader, Topology
from messaging.errors import BrokerUnavailable
from messaging.events import ID_HEADER
from tests.messaging.conformance.messages import PATIENCE, message, publish, to_queue
from tools.children import wait_until


@pytest.fixture
def log(broker: Broker, broker_url: str, topology: Topology) -> Iterator[str]:
    """A declared log of this test's own."""
    log = Log(
        name=f"test.{uuid.uuid4().hex[:12]}.log", max_age=timedelta(days=1), max_bytes=10_000_000
    )
    broker.declare(dataclasses.replace(topology, log=log))
    yield log.name
    if broker_url.startswith("amqp"):
        with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
            connection.channel().queue_delete(log.name)


def write(broker: Broker, topology: Topology, log: str, numbers: Sequence[int]) -> None:
    """Write messages that are numbers into the log."""
    publish(broker, [to_queue(log, message(topology, number)) for number in numbers])


def read(reader: Reader, count: int) -> list[Entry]:
    """Read so many entries, in as many calls as it takes."""
    entries: list[Entry] = []

    def enough() -> bool:
        entries.extend(reader.read(count - len(entries), 0.5))
        return len(entries) >= count

    wait_until(enough, patience=PATIENCE, what=f"{count} entries")
    return entries


def numbers(entries: Sequence[Entry]) -> list[int]:
    """Return the numbers of the messages."""
    return [int(entry.message.body) for entry in entries]


def test_each_reader_reads_all_in_order_and_leaves_it_there(
    broker: Broker, topology: Topology, log: str
) -> None:
    write(broker, topology, log, range(3))
    for _ in range(2):
        reader = broker.reader(log, 0)
        entries = read(reader, 3)
        assert numbers(entries) == [0, 1, 2]
        assert [entry.offset for entry in entries] == [0, 1, 2]
        assert entries[2].message.headers[ID_HEADER] == "2"
        assert entries[2].message.type == "ledger.counted"
        reader.close()


def test_a_reader_begins_at_the_offset_that_it_is_given_and_reads_what_comes_later(
    broker: Broker, topology: Topology, log: str
) -> None:
    write(broker, topology, log, range(5))
    reader = broker.reader(log, 3)
    assert numbers(read(reader, 2)) == [3, 4]
    assert reader.read(10, 0.1) == []
    write(broker, topology, log, [5])
    assert numbers(read(reader, 1)) == [5]
    reader.close()


def test_a_reader_without_an_offset_begins_near_the_end(
    broker: Broker, topology: Topology, log: str
) -> None:
    reader = broker.reader(log)
    assert reader.read(10, 0.1) == []
    for number in range(3):
        write(broker, topology, log, [number])
    assert numbers(read(reader, 3)) == [0, 1, 2]
    reader.close()
    last = broker.reader(log)
    assert numbers(read(last, 1)) == [2]
    last.close()


def test_a_reader_begins_with_what_was_written_within_a_time(
    broker: Broker, topology: Topology, log: str
) -> None:
    write(broker, topology, log, range(3))
    lately = broker.reader(log, timedelta(hours=1))
    assert numbers(read(lately, 3)) == [0, 1, 2]
    lately.close()
    later = broker.reader(log, timedelta(0))
    entries = later.read(10, 0)
    write(broker, topology, log, [3])
    while not entries or numbers(entries)[-1] != 3:
        entries = read(later, 1)
    later.close()


def test_a_reader_that_has_looked_reads_all_that_is_written_later(
    broker: Broker, topology: Topology, log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    consume = Channel.basic_consume

    def late(channel: Channel, *arguments: Any, **named: Any) -> None:
        channel.connection.ioloop.call_later(0.5, lambda: consume(channel, *arguments, **named))

    monkeypatch.setattr(Channel, "basic_consume", late)  # as of a busy machine
    reader = broker.reader(log)
    assert reader.read(10, 0) == []
    for number in range(3):
        write(broker, topology, log, [number])
    assert numbers(read(reader, 3)) == [0, 1, 2]
    reader.close()


def test_more_than_is_sent_ahead_is_read_without_a_gap(
    broker: Broker, topology: Topology, log: str
) -> None:
    write(broker, topology, log, range(2500))
    reader = broker.reader(log, 0)
    assert numbers(read(reader, 2500)) == list(range(2500))
    reader.close()


def test_a_log_takes_nothing_of_an_exchange(broker: Broker, topology: Topology, log: str) -> None:
    publish(broker, [message(topology)])
    reader = broker.reader(log, 0)
    assert reader.read(1, 0.3) == []
    reader.close()


def test_a_log_that_is_not_there_takes_nothing_and_can_not_be_read(
    broker: Broker, topology: Topology
) -> None:
    publisher = broker.publisher()
    confirmation = publisher.send([to_queue("no.such.log", message(topology))]).wait(PATIENCE)
    publisher.close()
    assert confirmation is not None
    assert confirmation.confirmed == 0
    reader = broker.reader("no.such.log", 0)

    def refused() -> bool:
        try:
            reader.read(1, 0.5)
        except BrokerUnavailable:
            return True
        return False

    wait_until(refused, patience=PATIENCE, what="the reader is told")
    reader.close()


def test_a_reader_that_is_closed_returns_nothing(
    broker: Broker, topology: Topology, log: str
) -> None:
    write(broker, topology, log, range(3))
    reader = broker.reader(log, 0)
    read(reader, 1)
    reader.close()
    assert reader.read(10, 5) == []
