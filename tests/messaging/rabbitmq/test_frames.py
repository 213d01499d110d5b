"""Frames that are written out are those that pika makes, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import BasicProperties, DeliveryMode, frame, spec
from pika.exceptions import ShortStringTooLong

from messaging.brokers.rabbitmq.connection import _Corked
from messaging.brokers.rabbitmq.frames import frames_of
from messaging.events import Message

CHANNEL = 3
LARGEST_FRAME = 4096
names = st.text(max_size=60)  # 240 bytes at most
messages = st.builds(
    Message,
    exchange=names,
    routing_key=names,
    body=st.binary(min_size=1, max_size=LARGEST_FRAME - 8),
    headers=st.dictionaries(names, st.text(max_size=300)),
    message_id=names,
    type=names,
    content_type=names,
)


def by_pika(message: Message) -> bytes:
    properties = BasicProperties(
        content_type=message.content_type,
        headers=dict(message.headers),
        delivery_mode=DeliveryMode.Persistent,
        message_id=message.message_id,
        type=message.type,
    )
    method = spec.Basic.Publish(
        exchange=message.exchange, routing_key=message.routing_key, mandatory=True
    )
    frames = (
        frame.Method(CHANNEL, method),
        frame.Header(CHANNEL, len(message.body), properties),
        frame.Body(CHANNEL, message.body),
    )
    return b"".join(each.marshal() for each in frames)


@given(messages)
def test_a_message_is_encoded_as_pika_does(message: Message) -> None:
    assert frames_of(message, CHANNEL, LARGEST_FRAME) == by_pika(message)


@pytest.mark.parametrize(
    "message",
    [
        Message(exchange="e", routing_key="k", body=b"", message_id="1", type="t"),
        Message(exchange="e", routing_key="k", body=b"x" * 4089, message_id="1", type="t"),
        Message(exchange="e", routing_key="k", body=b"x", type="t"),
        Message(exchange="e", routing_key="k", body=b"x", message_id="1"),
        Message(
            exchange="e", routing_key="k", body=b"x", message_id="1", type="t", headers={"n": 1}
        ),
    ],
    ids=["no body", "two frames", "no id", "no type", "a number"],
)
def test_what_is_out_of_the_ordinary_is_left_to_pika(message: Message) -> None:
    assert frames_of(message, CHANNEL, LARGEST_FRAME) is None


def test_a_name_that_no_short_string_holds_is_refused() -> None:
    message = Message(exchange="e", routing_key="k", body=b"x", message_id="ä" * 128, type="t")
    with pytest.raises(ShortStringTooLong):
        frames_of(message, CHANNEL, LARGEST_FRAME)


def test_what_is_sent_in_one_go_is_written_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    connection = object.__new__(_Corked)
    connection.bytes_sent = connection.frames_sent = 0
    monkeypatch.setattr(connection, "_adapter_emit_data", written.append)
    with connection.corked():
        connection._output_marshaled_frames([b"method", b"header"])
        connection.write(b"encoded")
        assert not written
    connection._output_marshaled_frames([b"method"])
    assert written == [b"methodheaderencoded", b"method"]
