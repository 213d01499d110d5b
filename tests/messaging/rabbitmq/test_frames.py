"""Frames that are written and read here are those that pika writes and reads, byte by byte."""

import pika.connection
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import BasicProperties, DeliveryMode, frame, spec
from pika.exceptions import ShortStringTooLong

from messaging.brokers.rabbitmq.frames import frames_of, header_of
from messaging.brokers.rabbitmq.socket_connection import SocketConnection
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


def properties_by_pika(message: Message) -> BasicProperties:
    return BasicProperties(
        content_type=message.content_type,
        headers=dict(message.headers),
        delivery_mode=DeliveryMode.Persistent,
        message_id=message.message_id,
        type=message.type,
    )


def by_pika(message: Message) -> bytes:
    method = spec.Basic.Publish(
        exchange=message.exchange, routing_key=message.routing_key, mandatory=True
    )
    frames = (
        frame.Method(CHANNEL, method),
        frame.Header(CHANNEL, len(message.body), properties_by_pika(message)),
        frame.Body(CHANNEL, message.body),
    )
    return b"".join(each.marshal() for each in frames)


@given(messages)
def test_a_message_is_encoded_as_pika_does(message: Message) -> None:
    assert frames_of(message, CHANNEL, LARGEST_FRAME) == by_pika(message)


fields = st.dictionaries(
    names, st.one_of(st.text(max_size=300), st.integers(-(2**40), 2**40), st.booleans())
)
properties = st.fixed_dictionaries(
    {},
    optional={
        "content_type": names,
        "content_encoding": names,
        "headers": fields,
        "delivery_mode": st.sampled_from([1, 2]),
        "message_id": names,
        "type": names,
        "app_id": names,
    },
)


@given(messages, st.binary(max_size=20))
def test_a_header_is_read_as_pika_does_whatever_follows(message: Message, rest: bytes) -> None:
    received = header_by_pika(message.body, properties_by_pika(message)) + rest
    assert header_of(received) is not None
    assert_as_pika(received)


@given(properties)
def test_any_other_header_is_read_as_pika_does_or_left_to_it(given: dict[str, object]) -> None:
    assert_as_pika(header_by_pika(b"body", BasicProperties(**given)))


@given(messages, st.data())
def test_a_header_that_is_broken_or_not_all_there_is_left_to_pika(
    message: Message, data: st.DataObject
) -> None:
    received = header_by_pika(message.body, properties_by_pika(message))
    assert header_of(received[: data.draw(st.integers(0, len(received) - 1))]) is None
    place = data.draw(st.integers(0, len(received) - 1))
    changed = (
        received[:place] + data.draw(st.binary(min_size=1, max_size=1)) + received[place + 1 :]
    )
    assert_as_pika(changed)


@pytest.mark.parametrize("place", range(7, 9))  # of the class of the content, section 4.2.6.1
def test_a_header_of_another_class_is_left_to_pika(place: int) -> None:
    message = Message(exchange="e", routing_key="k", body=b"x", message_id="1", type="t")
    received = bytearray(header_by_pika(message.body, properties_by_pika(message)))
    received[place] ^= 0xFF
    assert header_of(bytes(received)) is None


def assert_as_pika(received: bytes) -> None:
    """Whatever is read here, pika reads the same."""
    found = header_of(received)
    if found is not None:
        length, header = frame.decode_frame(received)
        assert isinstance(header, frame.Header)
        assert (found[0], found[1].channel_number) == (length, header.channel_number)
        assert found[1].body_size == header.body_size
        assert vars(found[1].properties) == vars(header.properties)


def header_by_pika(body: bytes, given: BasicProperties) -> bytes:
    return frame.Header(CHANNEL, len(body), given).marshal()


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
    connection = object.__new__(SocketConnection)
    connection.bytes_sent = connection.frames_sent = 0
    monkeypatch.setattr(connection, "_adapter_emit_data", written.append)
    with connection.corked():
        connection._output_marshaled_frames([b"method", b"header"])
        connection.write(b"encoded")
        assert not written
    connection._output_marshaled_frames([b"method"])
    assert written == [b"methodheaderencoded", b"method"]


@pytest.mark.parametrize("name", ["_read_frame", "_output_marshaled_frames"])
def test_what_is_overridden_is_what_pika_calls(name: str) -> None:
    assert name in vars(SocketConnection)
    callers = (
        pika.connection.Connection._on_data_available,
        pika.connection.Connection._send_message,
    )
    assert any(name in caller.__code__.co_names for caller in callers)
