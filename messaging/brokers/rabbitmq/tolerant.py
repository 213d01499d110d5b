"""pika's connection, which no message of a stranger ends, whatever its header holds."""

import struct
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Any

import pika
from pika import BasicProperties, DeliveryMode, frame, spec
from pika.channel import Channel
from pika.exceptions import InvalidFrameError

from messaging.events import Message

_HEADER = struct.Struct(">BHLHxxQ")  # type, channel, length, class, length of the body
_END_OF_LENGTH = 7  # what comes before the bytes that a frame's length counts
_DEEPEST = 100  # tables in tables: orjson writes 254


class TolerantConnection(pika.SelectConnection):
    """Reads and writes as pika does, and goes on where pika would end the connection."""

    def publish(self, channel: Channel, message: Message) -> None:
        """Write a message, persistent and mandatory."""
        properties = BasicProperties(  # type: ignore[no-untyped-call]
            content_type=message.content_type,
            headers=dict(message.headers),
            delivery_mode=DeliveryMode.Persistent,
            message_id=message.message_id,
            type=message.type,
        )
        channel.basic_publish(
            message.exchange, message.routing_key, message.body, properties, mandatory=True
        )

    def corked(self) -> AbstractContextManager[None]:
        """Write what is sent meanwhile, as it comes."""
        return nullcontext()

    def _read_frame(self) -> tuple[int, Any]:
        # pika would end the connection. The message would come again, and end the next one.
        try:
            length, value = super()._read_frame()
            make_texts(value)
        except InvalidFrameError:
            raise
        except Exception:
            header = undecodable_header(self._frame_buffer)
            if header is None:
                raise
            return header
        return length, value


def undecodable_header(received: bytes) -> tuple[int, frame.Header] | None:
    """Return the length of a header that pika can't decode, and one to put in its place.

    RabbitMQ passes such headers on: a time that no calendar has, a table in a table in a table.
    The bytes of the properties are kept as they are. Return None if this is no header.
    """
    kind, channel, length, _, size = _HEADER.unpack_from(received)
    if kind != spec.FRAME_HEADER:
        return None
    end = _END_OF_LENGTH + length
    kept = {"undecodable_properties": received[_HEADER.size : end].hex()}
    properties = BasicProperties(headers=kept)  # type: ignore[no-untyped-call]
    return end + 1, frame.Header(channel, size, properties)


def make_texts(value: object) -> None:
    """Have texts in a frame where pika leaves bytes, since they are no UTF-8.

    Raise ValueError for headers that are nested too deeply to be written as JSON.
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
