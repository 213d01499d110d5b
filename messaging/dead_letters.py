"""Dead letters: messages that could not be handled, kept with all that says why."""

import hashlib
import math
import traceback
from collections.abc import Mapping
from typing import Any

import orjson
from django.utils import timezone

from messaging.brokers.interface import Delivery
from messaging.events import ID_HEADER, SOURCE_HEADER, Message
from messaging.models import DeadLetter

# Headers that the broker or the consumer put on a message on its way here.
ATTEMPTS_HEADER = "messaging_attempts"
MOST_ATTEMPTS = 1_000_000  # more were never made; the column holds two thousand times as many
OPEN = (DeadLetter.State.PARKED, DeadLetter.State.REQUESTED)  # nothing has become of them yet
MOST_TEXT = 100_000  # characters of an error or traceback that are kept
_ON_THE_WAY = ("x-death", "x-delivery-count", "x-first-death-", "x-last-death-", ATTEMPTS_HEADER)


def original_headers(message: Message) -> dict[str, Any]:
    """Return the headers that the message was published with."""
    return {
        name: value for name, value in message.headers.items() if not name.startswith(_ON_THE_WAY)
    }


def attempts_made(message: Message) -> int:
    """Return how often a handler has failed on this message: as far as the header is believable."""
    attempts = message.headers.get(ATTEMPTS_HEADER, 0)
    return min(attempts, MOST_ATTEMPTS) if isinstance(attempts, int) and attempts >= 0 else 0


def described(error: BaseException) -> str:
    """Return the name of an error and what it says, whatever that is."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - of an error whose text can't be had its name must do
        return type(error).__name__


def park(delivery: Delivery, reason: DeadLetter.Reason, error: BaseException | str) -> DeadLetter:
    """Keep a message as a dead letter. Parking it twice keeps one, with the newer error.

    It never fails for what the message holds: that is cut, or escaped.
    """
    message = delivery.message
    if isinstance(error, BaseException):
        trace = "".join(traceback.format_exception(error)) if error.__traceback__ else ""
        error = described(error)
    else:
        trace = ""
    letter, _ = DeadLetter.objects.update_or_create(
        identity=identity_of(message, invalid=reason == DeadLetter.Reason.INVALID),
        defaults={
            "type": _type(message),
            "reason": reason,
            "state": DeadLetter.State.PARKED,
            "body": message.body,
            "headers": _as_json(original_headers(message) | {"content_type": message.content_type}),
            "error": storable(error)[:MOST_TEXT],
            "traceback": storable(trace)[-MOST_TEXT:],
            "attempts": attempts_made(message) + (reason == DeadLetter.Reason.FAILED),
            "parked_at": timezone.now(),
            "closed_at": None,
        },
    )
    return letter


def identity_of(message: Message, *, invalid: bool = False) -> str:
    """Return the same for one message that comes twice, and for no other.

    An event's is its source and id. Who sends what is no event may give the same id to all of it.
    """
    source, event_id = message.headers.get(SOURCE_HEADER), message.headers.get(ID_HEADER)
    named = isinstance(source, str) and isinstance(event_id, str) and source and event_id
    identity = f"{source}#{event_id}"
    plain = "#" not in str(source) and len(identity) <= 255 and identity == storable(identity)
    if named and plain and not invalid:
        return identity
    digest = hashlib.sha256(message.body)
    said = [_type(message), _as_json(original_headers(message))]
    digest.update(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
    return f"sha256:{digest.hexdigest()}"


def _type(message: Message) -> str:
    return storable(message.type or message.routing_key)[:255]


def storable(text: str) -> str:
    """Return the text with what PostgreSQL can't keep escaped: NUL and lone surrogates."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def _as_json(value: Any) -> Any:
    """Return headers as JSON values. What JSON does not have becomes its text."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bytes):
        return storable(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, Mapping):
        return {storable(str(key)): _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return storable(str(value))
