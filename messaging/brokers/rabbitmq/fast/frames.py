"""Frames of AMQP 0-9-1 for messages like ours, which have a small body and a few texts.

pika builds objects for each frame, and encodes tables of any types piece by piece. That was most
of what publishing cost. (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2; the
types of fields as RabbitMQ has them, https://www.rabbitmq.com/amqp-0-9-1-errata#section_3)
"""

import struct
from functools import lru_cache

from pika import BasicProperties, DeliveryMode, frame, spec
from pika.exceptions import ShortStringTooLong

from messaging.events import Message

_LONGEST = 255  # bytes of a short string, which has one byte for its length
_FRAME = struct.Struct(">BHL")  # type, channel, length of what follows
_CONTENT = struct.Struct(">HxxQ")  # class, length of the body
_END = bytes([spec.FRAME_END])
FLAGS = struct.pack(
    ">H",
    BasicProperties.FLAG_CONTENT_TYPE
    | BasicProperties.FLAG_HEADERS
    | BasicProperties.FLAG_DELIVERY_MODE
    | BasicProperties.FLAG_MESSAGE_ID
    | BasicProperties.FLAG_TYPE,
)
PERSISTENT = DeliveryMode.Persistent.value


def method_of(message: Message, channel: int) -> bytes:
    """Encode that a message is published, mandatory, and where it goes."""
    return _publish(message.exchange, message.routing_key, channel)


def content_of(message: Message, channel: int, largest_frame: int) -> bytes | None:
    """Encode the rest of it, persistent, or return None: pika has to do it all.

    A message is encoded if it has an id, a type, headers that are texts, and a body that is not
    empty and fits one frame.
    """
    body = message.body
    if message.message_id is None or message.type is None:
        return None
    if not 0 < len(body) <= largest_frame - _FRAME.size - len(_END):
        return None
    table: list[bytes] = []
    for name, value in message.headers.items():
        if type(value) is not str:
            return None
        text = value.encode()
        table += (_header(name), len(text).to_bytes(4), text)
    headers = b"".join(table)
    properties = b"".join(
        (
            FLAGS,
            _short(message.content_type),
            len(headers).to_bytes(4),
            headers,
            bytes([PERSISTENT]),
            _short(message.message_id),
            _short(message.type),
        )
    )
    return b"".join(
        (
            _FRAME.pack(spec.FRAME_HEADER, channel, _CONTENT.size + len(properties)),
            _CONTENT.pack(BasicProperties.INDEX, len(body)),
            properties,
            _END,
            _FRAME.pack(spec.FRAME_BODY, channel, len(body)),
            body,
            _END,
        )
    )


@lru_cache(maxsize=100)
def _publish(exchange: str, routing_key: str, channel: int) -> bytes:
    """Encode the method: one for all messages of a type."""
    method = spec.Basic.Publish(  # type: ignore[no-untyped-call]
        exchange=exchange, routing_key=routing_key, mandatory=True
    )
    return frame.Method(channel, method).marshal()


@lru_cache(maxsize=100)
def _header(name: str) -> bytes:
    """Encode the name of a header, and that a long string follows."""
    return _short(name) + b"S"


def _short(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > _LONGEST:
        raise ShortStringTooLong(text)
    return len(encoded).to_bytes(1) + encoded
