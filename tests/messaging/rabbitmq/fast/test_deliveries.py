"""A delivery that is read here is read as pika reads it, byte by byte; all else is left to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import BasicProperties, frame, spec

from messaging.brokers.rabbitmq.fast.deliveries import delivery_of
from messaging.events import Message
from tests.messaging.rabbitmq.fast.wire import by_pika, messages, names, properties_of

numbers = st.integers(0, 2**63 - 1)
methods = st.builds(
    spec.Basic.Deliver,
    consumer_tag=names, delivery_tag=numbers, redelivered=st.booleans(), exchange=names,
    routing_key=names,
)  # fmt: skip
fields = st.dictionaries(
    names, st.one_of(st.text(max_size=300), st.integers(-(2**40), 2**40), st.booleans())
)
properties = st.builds(
    lambda given: BasicProperties(**given),
    st.fixed_dictionaries(
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
    ),
)
METHOD = spec.Basic.Deliver("consumer", 1, False, "events", "k")
MESSAGE = Message(exchange="events", routing_key="k", body=b"x", message_id="1", type="t")


@given(methods, messages, st.binary(max_size=20), st.binary(max_size=20))
def test_a_delivery_of_ours_is_read_as_pika_does_wherever_it_is(
    method: spec.Basic.Deliver, message: Message, before: bytes, after: bytes
) -> None:
    received = before + by_pika(method, properties_of(message), message.body) + after
    found = delivery_of(received, len(before))
    assert found is not None
    assert found.end == len(received) - len(after)
    assert_as_pika(received, len(before))


@given(methods, properties, st.lists(st.binary(min_size=1, max_size=9), max_size=2))
def test_any_other_is_read_as_pika_does_or_left_to_it(
    method: spec.Basic.Deliver, given: BasicProperties, bodies: list[bytes]
) -> None:
    assert_as_pika(by_pika(method, given, *bodies))


@given(methods, messages, st.data())
def test_one_that_is_broken_or_not_all_there_is_left_to_pika(
    method: spec.Basic.Deliver, message: Message, data: st.DataObject
) -> None:
    received = by_pika(method, properties_of(message), message.body)
    assert delivery_of(received[: data.draw(st.integers(0, len(received) - 1))]) is None
    place = data.draw(st.integers(0, len(received) - 1))
    changed = bytearray(received)
    changed[place] = data.draw(st.integers(0, 255))
    assert_as_pika(bytes(changed))


OURS = by_pika(METHOD, properties_of(MESSAGE), MESSAGE.body)
HEADER = OURS.index(bytes([spec.FRAME_END])) + 1


@pytest.mark.parametrize(
    "place", [2, HEADER + 2, HEADER + 8, len(OURS) - 7], ids=["method", "header", "class", "body"]
)
def test_frames_of_another_channel_or_class_are_left_to_pika(place: int) -> None:
    assert delivery_of(OURS) is not None
    changed = bytearray(OURS)
    changed[place] ^= 1
    assert delivery_of(bytes(changed)) is None


def assert_as_pika(received: bytes, start: int = 0) -> None:
    """Whatever is read here, pika reads the same."""
    found = delivery_of(received, start)
    if found is None:
        return
    length, method = frame.decode_frame(received[start:])
    assert isinstance(method, frame.Method)
    assert vars(found.method.method) == vars(method.method)
    assert found.method.channel_number == method.channel_number
    start += length
    length, header = frame.decode_frame(received[start:])
    assert isinstance(header, frame.Header)
    assert vars(found.header.properties) == vars(header.properties)
    assert found.header.body_size == header.body_size
    assert found.header.channel_number == header.channel_number
    start += length
    length, body = frame.decode_frame(received[start:])
    assert isinstance(body, frame.Body)
    assert found.body == body.fragment
    assert len(found.body) == header.body_size
    assert found.end == start + length
