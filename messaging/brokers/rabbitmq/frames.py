"""A message as frames of AMQP 0-9-1, written out for what ours are: a small body, a few texts.

pika builds objects for each frame and encodes any table of any types, piece by piece: most of
what publishing cost. (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2; the
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
_HEADER_FRAME = bytes([spec.FRAME_HEADER])
_LONG_STRING = ord("S")
_FLAGS = struct.pack(
    ">H",
    BasicProperties.FLAG_CONTENT_TYPE
    | BasicProperties.FLAG_HEADERS
    | BasicProperties.FLAG_DELIVERY_MODE
    | BasicProperties.FLAG_MESSAGE_ID
    | BasicProperties.FLAG_TYPE,
)
_FLAGS_AT = _FRAME.size + _CONTENT.size
_PROPERTIES = _FLAGS_AT + len(_FLAGS)
_PERSISTENT = struct.pack("B", DeliveryMode.Persistent.value)


def frames_of(message: Message, channel: int, largest_frame: int) -> bytes | None:
    """Encode the publishing of a message, persistent and mandatory; None is: leave it to pika.

    It does what has a body for one frame, an id and a type, and headers that are texts.
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
            _FLAGS,
            _short(message.content_type),
            len(headers).to_bytes(4),
            headers,
            _PERSISTENT,
            _short(message.message_id),
            _short(message.type),
        )
    )
    return b"".join(
        (
            _publish(message.exchange, message.routing_key, channel),
            _FRAME.pack(spec.FRAME_HEADER, channel, _CONTENT.size + len(properties)),
            _CONTENT.pack(BasicProperties.INDEX, len(body)),
            properties,
            _END,
            _FRAME.pack(spec.FRAME_BODY, channel, len(body)),
            body,
            _END,
        )
    )


def header_of(received: bytes) -> tuple[int, frame.Header] | None:
    """Decode a header as `frames_of` writes it, if the bytes begin with one: its length, and it.

    None is: leave it to pika. So it is with a header that the broker has added to.
    """
    if received[:1] != _HEADER_FRAME or len(received) < _PROPERTIES:
        return None
    _, channel, length = _FRAME.unpack_from(received)
    end = _FRAME.size + length
    if received[_FLAGS_AT:_PROPERTIES] != _FLAGS or received[end : end + 1] != _END:
        return None
    properties = BasicProperties()  # type: ignore[no-untyped-call]
    properties.delivery_mode = DeliveryMode.Persistent.value
    try:
        properties.content_type, place = _read_short(received, _PROPERTIES)
        properties.headers, place = _read_texts(received, place)
        if received[place : place + 1] != _PERSISTENT:
            return None
        properties.message_id, place = _read_short(received, place + 1)
        properties.type, place = _read_short(received, place)
    except (IndexError, ValueError):  # it ends early, has a field of another kind, is no UTF-8
        return None
    kind, size = _CONTENT.unpack_from(received, _FRAME.size)
    if place != end or kind != BasicProperties.INDEX:
        return None
    return end + len(_END), frame.Header(channel, size, properties)


def _read_texts(received: bytes, place: int) -> tuple[dict[str, str], int]:
    """Decode a table of long strings. Raises ValueError if it holds anything else."""
    end = place + 4 + int.from_bytes(received[place : place + 4])
    place += 4
    table = {}
    while place < end:
        kind = place + 1 + received[place]
        if received[kind] != _LONG_STRING:
            raise ValueError("not a long string")
        start = kind + 5
        after = start + int.from_bytes(received[kind + 1 : start])
        table[_name(received[place + 1 : kind])] = received[start:after].decode()
        place = after
    return table, place


def _read_short(received: bytes, place: int) -> tuple[str, int]:
    start = place + 1
    end = start + received[place]
    return received[start:end].decode(), end


@lru_cache(maxsize=100)
def _name(encoded: bytes) -> str:
    return encoded.decode()


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
