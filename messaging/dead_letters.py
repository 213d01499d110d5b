"""Dead letters: messages that could not be handled, kept with all that says why."""

import hashlib
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
_ON_THE_WAY = ("x-death", "x-delivery-count", "x-first-death-", "x-last-death-", ATTEMPTS_HEADER)


def original_headers(message: Message) -> dict[str, Any]:
    """Return the headers that the message was published with."""
    return {
        name: value for name, value in message.headers.items() if not name.startswith(_ON_THE_WAY)
    }


def attempts_made(message: Message) -> int:
    """Return how often a handler has failed on this message."""
    attempts = message.headers.get(ATTEMPTS_HEADER, 0)
    return attempts if isinstance(attempts, int) and attempts >= 0 else 0


def park(delivery: Delivery, reason: DeadLetter.Reason, error: BaseException | str) -> None:
    """Keep a message as a dead letter. Parking it twice keeps one, with the newer error."""
    message = delivery.message
    if isinstance(error, BaseException):
        trace = "".join(traceback.format_exception(error)) if error.__traceback__ else ""
        error = f"{type(error).__name__}: {error}"
    else:
        trace = ""
    DeadLetter.objects.update_or_create(
        identity=_identity(message),
        defaults={
            "type": _storable(message.type or message.routing_key)[:255],
            "reason": reason,
            "state": DeadLetter.State.PARKED,
            "body": message.body,
            "headers": _as_json(original_headers(message) | {"content_type": message.content_type}),
            "error": _storable(error),
            "traceback": _storable(trace),
            "attempts": attempts_made(message) + (reason == DeadLetter.Reason.FAILED),
            "parked_at": timezone.now(),
            "closed_at": None,
        },
    )


def _identity(message: Message) -> str:
    event_id = message.headers.get(ID_HEADER) or message.message_id
    if isinstance(event_id, str) and event_id:
        source = message.headers.get(SOURCE_HEADER, "")
        identity = f"{source}#{event_id}" if isinstance(source, str) else event_id
        if len(identity) <= 255 and identity == _storable(identity):
            return identity
    digest = hashlib.sha256(message.body)
    digest.update(orjson.dumps(_as_json(original_headers(message)), option=orjson.OPT_SORT_KEYS))
    return f"sha256:{digest.hexdigest()}"


def _storable(text: str) -> str:
    """Replace what PostgreSQL can't keep: NUL and lone surrogates."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def _as_json(value: Any) -> Any:
    """Return headers as JSON values. What JSON does not have becomes its text."""
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, bytes):
        return _storable(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, Mapping):
        return {_storable(str(key)): _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
