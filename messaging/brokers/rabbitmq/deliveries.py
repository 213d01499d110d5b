"""A delivery read from what has been received: the three frames of a message like ours, at once.

pika reads frame by frame, cuts each off the front of the rest, decodes any table of any types
piece by piece, and passes each frame on by itself: most of what consuming cost.
"""

import struct
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from pika import BasicProperties, DeliveryMode, frame, spec

from messaging.brokers.rabbitmq.frames import FLAGS, PERSISTENT

_FRAME = struct.Struct(">BHL")  # type, channel, length of what follows
_METHOD = struct.Struct(">BHLL")  # the same, and which method it is
_CONTENT = struct.Struct(">BHLHxxQ2s")  # the same, class, length of the body, which properties
_DELIVERY = struct.Struct(">QB")  # delivery tag, whether it is redelivered
_LENGTH = struct.Struct(">L")
_LONG_STRING = ord("S")
_DEEPEST = 100  # tables in tables: orjson writes 254


class Delivered(NamedTuple):
    """A delivery, as pika's channel takes it, and where in the received bytes it ends."""

    end: int
    method: frame.Method[spec.Basic.Deliver]
    header: frame.Header
    body: bytes


def delivery_of(received: bytes, start: int = 0) -> Delivered | None:
    """Decode the delivery that begins at `start`; None is: leave what is there to pika.

    It does deliveries that are all there, of a message as `frames_of` writes it. So it is not with
    one that the broker has added a header to, as it does when it delivers it again.
    """
    try:
        kind, channel, length, method = _METHOD.unpack_from(received, start)
        if kind != spec.FRAME_METHOD or method != spec.Basic.Deliver.INDEX:
            return None
        header = start + _FRAME.size + length + 1
        kind, of_header, length, of_class, size, flags = _CONTENT.unpack_from(received, header)
        body = header + _FRAME.size + length + 1
        of_body = _FRAME.unpack_from(received, body)
        end = body + _FRAME.size + size + 1
        if (
            (kind, of_header, of_class, flags)
            != (spec.FRAME_HEADER, channel, BasicProperties.INDEX, FLAGS)
            or of_body != (spec.FRAME_BODY, channel, size)
            or not received[header - 1] == received[body - 1] == received[end - 1] == spec.FRAME_END
        ):
            return None
        return Delivered(
            end,
            frame.Method(channel, _method(received, start + _METHOD.size, header - 1)),
            frame.Header(channel, size, _properties(received, header + _CONTENT.size, body - 1)),
            received[body + _FRAME.size : end - 1],
        )
    # It ends early, has a field of another kind, is no UTF-8.
    except (IndexError, ValueError, struct.error):
        return None


def undecodable_header(received: bytes) -> tuple[int, frame.Header] | None:
    """Answer a header that pika could not decode, and its length; None if it is none.

    So are some that RabbitMQ passes on: a time that no calendar has, a table in a table in a
    table … What it says is kept as it is.
    """
    kind, channel, length, _, size, _ = _CONTENT.unpack_from(received)
    if kind != spec.FRAME_HEADER:
        return None
    end = _FRAME.size + length
    says = {"undecodable_properties": received[_CONTENT.size - 2 : end].hex()}
    properties = BasicProperties(headers=says)  # type: ignore[no-untyped-call]
    return end + 1, frame.Header(channel, size, properties)


def make_texts(value: object) -> None:
    """Have texts in a frame where pika leaves bytes, since they are no UTF-8.

    Raises ValueError for headers that are nested too deeply to be written as JSON.
    """
    if isinstance(value, frame.Method) and isinstance(value.method, spec.Basic.Deliver):
        value.method.routing_key = _text(value.method.routing_key)
    elif isinstance(value, frame.Header):
        properties = value.properties
        properties.content_type = _text(properties.content_type)
        properties.message_id = _text(properties.message_id)
        properties.type = _text(properties.type)
        if properties.headers:
            _refuse_deep(properties.headers)
            properties.headers = {_text(name): each for name, each in properties.headers.items()}


def _refuse_deep(table: dict[str, Any]) -> None:
    level: list[Any] = [table]
    for _ in range(_DEEPEST):
        values = chain.from_iterable(e.values() if isinstance(e, dict) else e for e in level)
        level = [value for value in values if isinstance(value, dict | list)]
        if not level:
            return
    raise ValueError("nested too deeply")


def _text(text: Any) -> Any:
    return text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text


def _method(received: bytes, place: int, end: int) -> spec.Basic.Deliver:
    consumer_tag, place = _short(received, place)
    delivery_tag, bits = _DELIVERY.unpack_from(received, place)
    exchange, place = _short(received, place + _DELIVERY.size)
    routing_key, place = _short(received, place)
    if place != end:
        raise ValueError("not all of it")
    return spec.Basic.Deliver(  # type: ignore[no-untyped-call]
        consumer_tag, delivery_tag, bits & 1 != 0, exchange, routing_key
    )


def _properties(received: bytes, place: int, end: int) -> BasicProperties:
    properties = BasicProperties()  # type: ignore[no-untyped-call]
    properties.content_type, place = _short(received, place)
    properties.headers, place = _texts(received, place)
    if received[place] != PERSISTENT:
        raise ValueError("not persistent")
    properties.delivery_mode = DeliveryMode.Persistent.value
    properties.message_id, place = _short(received, place + 1)
    properties.type, place = _short(received, place)
    if place != end:
        raise ValueError("not all of it")
    return properties


def _texts(received: bytes, place: int) -> tuple[dict[str, str], int]:
    """Decode a table of long strings. Raises ValueError if it holds anything else."""
    length_at, name_of = _LENGTH.unpack_from, _name
    end = place + 4 + length_at(received, place)[0]
    place += 4
    table = {}
    while place < end:
        kind = place + 1 + received[place]
        if received[kind] != _LONG_STRING:
            raise ValueError("not a long string")
        start = kind + 5
        after = start + length_at(received, kind + 1)[0]
        table[name_of(received[place + 1 : kind])] = received[start:after].decode()
        place = after
    if place != end:
        raise ValueError("longer than it says")
    return table, place


def _short(received: bytes, place: int) -> tuple[str, int]:
    start = place + 1
    end = start + received[place]
    return received[start:end].decode(), end


@lru_cache(maxsize=100)
def _name(encoded: bytes) -> str:
    return encoded.decode()
