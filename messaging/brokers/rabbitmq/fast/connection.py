"""pika's connection, with what is slow in it done faster.

pika writes three times a message, and reads some six messages at once, frame by frame. Its public
interface offers nothing better, so private names of it are used here: a test lists them.
"""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

from pika.channel import Channel

from messaging.brokers.rabbitmq.fast.deliveries import delivery_of
from messaging.brokers.rabbitmq.fast.frames import content_of, method_of
from messaging.brokers.rabbitmq.tolerant import TolerantConnection
from messaging.events import Message

# Bytes that are gathered before they are written, and that are read at once: some hundreds of our
# messages. Few reads are better, since the thread that handles messages may take the interpreter's
# lock between two of them, for milliseconds.
_MOST_HELD = 256 * 1024
_MOST_READ = 256 * 1024


class FastConnection(TolerantConnection):
    """Writes what one piece of our work sends in few writes, and reads our messages whole."""

    _held: list[bytes] | None = None
    _held_bytes = 0
    _last: tuple[int, Message, bytes | None] | None = None

    @contextlib.contextmanager
    def corked(self) -> Iterator[None]:
        """Hold back what is sent meanwhile, and write it at the end."""
        self._held, self._held_bytes = [], 0
        try:
            yield
        finally:
            self._write_held()
            self._held = None

    def publish(self, channel: Channel, message: Message) -> None:
        """Write a message, persistent and mandatory: without pika, if it is like ours."""
        content = self._content_of(message, channel.channel_number)
        if content is None:
            super().publish(channel, message)
        else:
            method = method_of(message, channel.channel_number)
            self._output_marshaled_frames([method, content])

    def _content_of(self, message: Message, channel: int) -> bytes | None:
        """Encode a message's content, unless it is that of the last one: an event that goes to the
        log goes to the exchange just before.
        """
        last = self._last
        if last is None or last[0] != channel or not _have_one_content(message, last[1]):
            content = content_of(message, channel, self.params.frame_max)
            self._last = last = channel, message, content
        return last[2]

    def _output_marshaled_frames(self, marshaled_frames: Sequence[bytes]) -> None:
        if self._held is None:
            super()._output_marshaled_frames(marshaled_frames)
            return
        self._held += marshaled_frames
        self._held_bytes += sum(map(len, marshaled_frames))
        if self._held_bytes > _MOST_HELD:
            self._write_held()

    def _write_held(self) -> None:
        if self._held:
            super()._output_marshaled_frames([b"".join(self._held)])
            self._held, self._held_bytes = [], 0

    def _proto_connection_made(self, transport: Any) -> None:
        transport._MAX_RECV_BYTES = _MOST_READ
        if not isinstance(transport._sock, ssl.SSLSocket):
            # One read, and not a second one to learn that there is nothing more.
            transport._MAX_CONSUME_BYTES = 1
        super()._proto_connection_made(transport)

    def _on_data_available(self, data_in: bytes) -> None:
        received, place = self._frame_buffer + data_in, 0
        while place < len(received):
            found = delivery_of(received, place)
            channel = self._channels.get(found.method.channel_number) if found else None
            if found is not None and channel is not None:
                self.bytes_received += found.end - place
                self.frames_received += 3
                place = found.end
                channel._on_deliver(found.method, found.header, found.body)
                continue
            # Anything else is read by pika, which takes it off the front.
            self._frame_buffer = received[place:]
            length, value = self._read_frame()
            if not value:
                return
            self._trim_frame_buffer(length)
            self._process_frame(value)
            received, place = self._frame_buffer, 0
        self._frame_buffer = b""


def _have_one_content(one: Message, other: Message) -> bool:
    """Return whether messages differ in nothing but where they go."""
    return (
        one.headers is other.headers
        and one.body is other.body
        and one.message_id == other.message_id
        and one.type == other.type
        and one.content_type == other.content_type
    )
