"""Deliveries of messages like ours, decoded from all their three frames at once.

pika reads frame by frame. It cuts each off the front of the rest, decodes tables of any types
piece by piece, and passes each frame on by itself. That was most of what consuming cost.
"""

import struct
from functools import lru_cache
from typing import NamedTuple

from pika import BasicProperties, DeliveryMode, frame, spec

from messaging.brokers.rabbitmq.fast.frames import FLAGS, PERSISTENT

_FRAME = struct.Struct(">BHL")  # type, channel, length of what follows
_METHOD = struct.Struct(">BHLL")  # the same, and which method it is
_CONTENT = struct.Struct(">BHLHxxQ2s")  # the same, class, length of the body, which properties
_DELIVERY = struct.Struct(">QB")  # delivery tag, whether it is redelivered
_LENGTH = struct.Struct(">L")
_LONG_STRING = ord("S")


class Delivered(NamedTuple):
    """A delivery, as pika's channel takes it, and where in the received bytes it ends."""

    end: int
    method: frame.Method[spec.Basic.Deliver]
    header: frame.Header
    body: bytes


def delivery_of(received: bytes, start: int = 0) -> Delivered | None:
    """Decode the delivery that begins at `start`, or return None: pika has to read it.

    It is decoded if all of it is there, and its message is as `frames` writes it. A message
    that is delivered again is not: the broker has added a header to it.
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
    # It ends early, has a field of another type, or is no UTF-8.
    except (IndexError, ValueError, struct.error):
        return None


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
    """Decode a table of long strings. Raise ValueError if it holds anything else."""
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
