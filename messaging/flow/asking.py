"""Asking the other side what it knows of events: over HTTP, as each service does it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.module_loading import import_string

from messaging.conf import messaging_settings
from messaging.flow.timelines import Known

PATH = "/known/events"
MOST_IDS = 100
MOST_CHARACTERS = 255  # of an id


def ask_others(event_ids: Sequence[str], trace_id: str) -> list[Known] | None:
    """Ask the other side what it knows of events. Return None if it can't be asked."""
    path = messaging_settings().told_by_others
    if not path:
        return []
    ask: Callable[[Sequence[str], str], list[dict[str, Any]] | None] = import_string(path)
    told = ask(event_ids, trace_id)
    try:
        return None if told is None else [Known.from_json(item) for item in told]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def query(event_ids: Sequence[str], trace_id: str) -> dict[str, str]:
    """Return the query string's parameters that ask for these."""
    ids = [each for each in event_ids if can_be_asked(each)][:MOST_IDS]
    given = {"event": ",".join(ids), "trace": trace_id}
    return {name: value for name, value in given.items() if value}


def can_be_asked(event_id: str) -> bool:
    """Return whether an id can stand in such a list: those of our own events can."""
    plain = event_id.isascii() and event_id.isprintable() and "," not in event_id
    return plain and 0 < len(event_id) <= MOST_CHARACTERS
