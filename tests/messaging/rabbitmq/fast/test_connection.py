"""The fast connection: what goes in and out is the same as by pika."""

from types import SimpleNamespace
from typing import Any

import pika
import pika.channel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pika import BasicProperties, frame, spec
from pika.callback import CallbackManager

from messaging.brokers.rabbitmq.fast import FastConnection
from messaging.events import Message
from tests.messaging.rabbitmq.fast.wire import CHANNEL, by_pika, messages, properties_of


class Deliveries:
    """A connection without a socket, with one open channel, and what has come by it."""

    def __init__(self, kind: type[pika.SelectConnection]) -> None:
        self.seen: list[tuple[object, ...]] = []
        self.connection: Any = object.__new__(kind)
        self.connection.callbacks = CallbackManager()
        self.connection.params = pika.ConnectionParameters()
        self.connection._transport = None
        self.connection.connection_state = pika.SelectConnection.CONNECTION_OPEN
        self.connection._frame_buffer = b""
        self.connection.bytes_received = self.connection.frames_received = 0
        self.connection._heartbeat_checker = None
        channel = pika.channel.Channel(self.connection, CHANNEL, lambda channel: None)
        channel._consumers["tag"] = self._see
        self.connection._channels = {CHANNEL: channel}

    def _see(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self.seen.append((vars(method), vars(properties), body))

    def feed(self, received: bytes, most: int) -> None:
        for start in range(0, len(received), most):
            self.connection._on_data_available(received[start : start + most])


def delivered(number: int, *bodies: bytes) -> bytes:
    method = spec.Basic.Deliver("tag", number, False, "events", "k")
    message = Message(exchange="events", routing_key="k", body=b"x", message_id="1", type="t")
    return by_pika(method, properties_of(message), *bodies)


OTHERS = [
    delivered(7),
    delivered(8, b"in two", b"frames"),
    by_pika(
        spec.Basic.Deliver("tag", 9, True, "events", "k"),
        BasicProperties(headers={"x-delivery-count": 1}),
        b"again",
    ),
    by_pika(spec.Basic.Deliver("another", 1, False, "events", "k"), BasicProperties(), b"x"),
    frame.Heartbeat().marshal(),
]


@given(
    st.lists(
        st.one_of(
            st.just(delivered(1, b"{}")), st.just(delivered(2, b"[]")), st.sampled_from(OTHERS)
        )
    ),
    st.integers(1, 1000),
)
def test_the_same_is_delivered_as_by_pika_however_it_comes(pieces: list[bytes], most: int) -> None:
    ours, theirs = Deliveries(FastConnection), Deliveries(pika.SelectConnection)
    for each in (ours, theirs):
        each.feed(b"".join(pieces), most)
    assert ours.seen == theirs.seen
    for name in ("_frame_buffer", "bytes_received", "frames_received"):
        assert getattr(ours.connection, name) == getattr(theirs.connection, name)


def test_ours_are_read_without_pika(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Deliveries(FastConnection)
    monkeypatch.setattr(ours.connection, "_read_frame", None)
    ours.feed(delivered(1, b"{}") + delivered(2, b"[]"), 10_000)
    assert len(ours.seen) == 2


def test_a_message_for_a_channel_that_has_gone_is_passed_over() -> None:
    ours = Deliveries(FastConnection)
    channels = ours.connection._channels
    ours.connection._channels = {}
    ours.feed(delivered(1, b"{}"), 10_000)
    ours.connection._channels = channels
    ours.feed(delivered(2, b"[]"), 10_000)
    assert [method["delivery_tag"] for method, *_ in ours.seen] == [2]  # type: ignore[index]


def test_what_is_sent_in_one_go_is_written_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    connection = object.__new__(FastConnection)
    connection.bytes_sent = connection.frames_sent = 0
    monkeypatch.setattr(connection, "_adapter_emit_data", written.append)
    with connection.corked():
        connection._output_marshaled_frames([b"method", b"header"])
        connection._output_marshaled_frames([b"encoded"])
        assert not written
    connection._output_marshaled_frames([b"method"])
    assert written == [b"methodheaderencoded", b"method"]


def published(*messages: tuple[Message, int]) -> list[bytes]:
    """Return what a connection writes for messages, each on a channel of that number."""
    written: list[bytes] = []
    connection: Any = object.__new__(FastConnection)
    connection.params = pika.ConnectionParameters()
    connection._output_marshaled_frames = lambda frames: written.append(b"".join(frames))
    for message, number in messages:
        connection.publish(SimpleNamespace(channel_number=number), message)
    return written


@given(messages, messages)
def test_what_goes_to_two_places_is_written_as_if_each_went_alone(
    message: Message, other: Message
) -> None:
    copy = replace(message, exchange="", routing_key="events.log")
    look_alikes = [
        replace(message, **{name: getattr(other, name)})
        for name in ("headers", "body", "message_id", "type", "content_type")
    ]
    sent = [(copy, CHANNEL), (copy, CHANNEL + 1)]
    for each in look_alikes:
        sent += [(message, CHANNEL), (each, CHANNEL)]
    assert published(*sent) == [each for one in sent for each in published(one)]
