"""Events: what happened, as a frozen value, and its encoding to and from the wire.

The wire format is CloudEvents 1.0 in binary mode over AMQP: the attributes travel as headers
with the prefix `cloudEvents_`, the data as the JSON body
(https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/amqp-protocol-binding.md).
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson
from msgspec import Struct, field

from messaging.errors import InvalidEvent
from observability.trace import is_traceparent

PREFIX = "cloudEvents_"
SPECVERSION_HEADER = f"{PREFIX}specversion"
ID_HEADER = f"{PREFIX}id"
SOURCE_HEADER = f"{PREFIX}source"
TYPE_HEADER = f"{PREFIX}type"
TIME_HEADER = f"{PREFIX}time"
SUBJECT_HEADER = f"{PREFIX}subject"
SEQUENCE_HEADER = f"{PREFIX}sequence"
DATASCHEMA_HEADER = f"{PREFIX}dataschema"
TRACEPARENT_HEADER = f"{PREFIX}traceparent"
JSON = "application/json"
MAX_DATA_BYTES = 4 * 1024 * 1024  # far above any event here, far below RabbitMQ's limit


@dataclass(frozen=True)
class Payload:
    """Base of a service's event classes, named in the past tense: the data of one event type.

    A subclass is a frozen dataclass whose fields are the event's data. Its `type` is the
    CloudEvents type and the routing key, its `subject` the thing that the event happened to.
    Events with the same subject are published in the order in which they were committed.
    """

    type: ClassVar[str]

    @property
    def subject(self) -> str:
        """The thing that this happened to, such as `quotes/7`."""
        raise NotImplementedError

    def data(self) -> dict[str, Any]:
        """Return the event's data as a JSON object: the dataclass's fields."""
        return asdict(self)


def new_id() -> str:
    """Return an id for a new event."""
    return str(uuid.uuid4())


class Event(Struct, frozen=True, kw_only=True):
    """One event with its CloudEvents attributes.

    `sequence` is its place in the outbox of `source`: of two events about one subject, the
    later has the larger. Times are in UTC.
    """

    type: str
    source: str
    subject: str
    data: Mapping[str, Any]
    id: str = field(default_factory=new_id)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    sequence: int = 0
    dataschema: str = ""
    traceparent: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """A message as the broker carries it. The body and headers arrive as they were sent.

    An empty `exchange` is the default one: `routing_key` then names the queue.
    """

    exchange: str
    routing_key: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    type: str | None = None
    content_type: str = JSON


def to_message(event: Event, exchange: str, body: bytes | None = None) -> Message:
    """Encode an event for the wire. `body`, if given, is its data already encoded as JSON."""
    headers = {
        SPECVERSION_HEADER: "1.0",
        ID_HEADER: event.id,
        SOURCE_HEADER: event.source,
        TYPE_HEADER: event.type,
        TIME_HEADER: event.time.isoformat(),
        SUBJECT_HEADER: event.subject,
        SEQUENCE_HEADER: str(event.sequence),
    }
    if event.dataschema:
        headers[DATASCHEMA_HEADER] = event.dataschema
    if event.traceparent:
        headers[TRACEPARENT_HEADER] = event.traceparent
    return Message(
        exchange=exchange,
        routing_key=event.type,
        body=orjson.dumps(event.data) if body is None else body,
        headers=headers,
        message_id=event.id,
        type=event.type,
    )


def from_message(message: Message) -> Event:
    """Decode a message of the wire.

    Raise InvalidEvent, saying what is wrong, for a missing or malformed attribute and for a
    body that is not a JSON object.
    """
    headers = message.headers
    if (version := headers.get(SPECVERSION_HEADER)) != "1.0":
        raise InvalidEvent(f"specversion is {version!r}, not '1.0'")
    event_type, event_id = _text(headers, TYPE_HEADER), _text(headers, ID_HEADER)
    content_type = message.content_type
    if content_type != JSON and content_type.partition(";")[0].strip() != JSON:
        raise InvalidEvent(f"content type is {message.content_type!r}, not {JSON}")
    try:
        data = orjson.loads(message.body)
    except orjson.JSONDecodeError as error:
        raise InvalidEvent(f"the body is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise InvalidEvent("the body is not a JSON object")
    return Event(
        id=event_id,
        type=event_type,
        source=_text(headers, SOURCE_HEADER),
        subject=str(headers.get(SUBJECT_HEADER, "")),
        time=_time(headers),
        sequence=_sequence(headers),
        dataschema=str(headers.get(DATASCHEMA_HEADER, "")),
        traceparent=_traceparent(headers),
        data=data,
    )


def _text(headers: Mapping[str, Any], name: str) -> str:
    value = headers.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or "\x00" in value:
        attribute = name.removeprefix(PREFIX)
        raise InvalidEvent(f"attribute {attribute!r} must be a text of 1 to 255 characters")
    return value


def _traceparent(headers: Mapping[str, Any]) -> str:
    value = headers.get(TRACEPARENT_HEADER, "")
    # A malformed one is to be ignored (https://www.w3.org/TR/trace-context/#traceparent-header).
    return str(value) if is_traceparent(value) else ""


def _time(headers: Mapping[str, Any]) -> datetime:
    value = headers.get(TIME_HEADER)
    if value is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        raise InvalidEvent(f"time is {value!r}, not an RFC 3339 timestamp") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _sequence(headers: Mapping[str, Any]) -> int:
    value = headers.get(SEQUENCE_HEADER, 0)
    try:
        sequence = int(value)
    except (TypeError, ValueError):
        sequence = -1
    if not 0 <= sequence < 2**63:
        raise InvalidEvent(f"sequence is {value!r}, not a number of 0 or more")
    return sequence
