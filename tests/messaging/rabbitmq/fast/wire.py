"""Messages as pika puts them on the wire."""

from typing import Any

from hypothesis import strategies as st
from pika import BasicProperties, DeliveryMode, frame

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


def properties_of(message: Message) -> BasicProperties:
    """Return the properties of a message of ours."""
    return BasicProperties(
        content_type=message.content_type,
        headers=dict(message.headers),
        delivery_mode=DeliveryMode.Persistent,
        message_id=message.message_id,
        type=message.type,
    )


def by_pika(method: Any, properties: BasicProperties, *bodies: bytes) -> bytes:
    """Write a message: its method, its header, and its body in so many frames."""
    frames = (
        frame.Method(CHANNEL, method),
        frame.Header(CHANNEL, sum(map(len, bodies)), properties),
        *(frame.Body(CHANNEL, body) for body in bodies),
    )
    return b"".join(each.marshal() for each in frames)
