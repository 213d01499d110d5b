"""Frames that are written here are those that pika writes, byte by byte."""

import pytest
from hypothesis import given
from pika import spec
from pika.exceptions import ShortStringTooLong

from messaging.brokers.rabbitmq.fast.frames import content_of, method_of
from messaging.events import Message
from tests.messaging.rabbitmq.fast.wire import (
    CHANNEL,
    LARGEST_FRAME,
    by_pika,
    messages,
    properties_of,
)


@given(messages)
def test_a_message_is_encoded_as_pika_does(message: Message) -> None:
    method = spec.Basic.Publish(
        exchange=message.exchange, routing_key=message.routing_key, mandatory=True
    )
    written = by_pika(method, properties_of(message), message.body)
    content = content_of(message, CHANNEL, LARGEST_FRAME)
    assert content is not None
    assert method_of(message, CHANNEL) + content == written


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
    assert content_of(message, CHANNEL, LARGEST_FRAME) is None


def test_a_name_that_no_short_string_holds_is_refused() -> None:
    message = Message(exchange="e", routing_key="k", body=b"x", message_id="ä" * 128, type="t")
    with pytest.raises(ShortStringTooLong):
        content_of(message, CHANNEL, LARGEST_FRAME)
