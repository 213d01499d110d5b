"""The timeline of an event: when it was written, sent, confirmed, delivered, and what came of it.

It is put together of what is kept anyway (outbox, inbox, dead letters, books of retries), of the
journal, and of what the other side says, which is asked over HTTP as the services decide.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from observability.trace import is_traceparent, trace_id

MOST_EVENTS = 50  # at once
_TRACE_ID = re.compile("[0-9a-f]{32}")


def place_of(source: str) -> str:
    """Return what people call the service that is the source of events."""
    return source.strip("/") or source


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events: all that any of these fits. Without any, the newest."""

    event_ids: Sequence[str] = ()
    subject: str = ""
    trace_id: str = ""

    @classmethod
    def by(cls, term: str) -> Self:
        """Read what a person looks for: a subject, the id of an event, or a trace."""
        if is_traceparent(term):
            term = trace_id(term)
        trace = term if _TRACE_ID.fullmatch(term) else ""
        return cls(event_ids=[term] if term else (), subject=term, trace_id=trace)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened to an event. `place` is the service where it did."""

    at: datetime
    what: str
    place: str
    detail: str = ""


@dataclass(kw_only=True)
class Known:
    """What one service knows of one event: `state` is what has become of it there."""

    event_id: str
    source: str
    type: str = ""
    subject: str = ""
    trace_id: str = ""
    place: str
    state: str = ""
    steps: list[Step] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it for other services: without details, which may hold what is theirs alone."""
        steps = [{"at": step.at.isoformat(), "what": step.what} for step in self.steps]
        return asdict(self) | {"steps": steps}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Read what another service says. Raise KeyError, TypeError or ValueError."""
        names = ("event_id", "source", "type", "subject", "trace_id", "place", "state")
        texts = {name: str(given[name]) for name in names}
        steps = [
            Step(
                at=_aware(step["at"]),
                what=str(step["what"]),
                place=place_of(texts["source"]) if step["what"] == "written" else texts["place"],
            )
            for step in given["steps"]
        ]
        return cls(**texts, steps=steps)


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """An event, all that happened to it anywhere, and what has become of it, in words."""

    event: Known
    steps: Sequence[Step]
    states: Sequence[tuple[str, str]]  # a word for the style, and a sentence


_SENTENCES = {
    "written": "waits in the outbox of {place}",
    "set_aside": "set aside at {place}: the broker refuses it",
    "logged": "in the log, for subscribers",
    "handled": "handled by {place}",
    "retrying": "failed at {place}, and waits for its retry",
    "parked": "parked at {place} as a dead letter",
    "requested": "about to be replayed at {place}",
    "replayed": "replayed at {place}, and not handled yet",
    "discarded": "discarded at {place}",
}
_ORDER = ("written", "set_aside", "sent", "confirmed", "delivered")


def merged(here: Iterable[Known], others: Iterable[Known] | None) -> list[Timeline]:
    """Put together what each service knows of each event, the newest event first."""
    by_event: dict[tuple[str, str], list[Known]] = {}
    for known in [*here, *(others or ())]:
        by_event.setdefault((known.source, known.event_id), []).append(known)
    timelines = [_timeline(known, asked=others is not None) for known in by_event.values()]
    return sorted(timelines, key=lambda each: each.steps[0].at, reverse=True)[:MOST_EVENTS]


def _timeline(known: Sequence[Known], *, asked: bool) -> Timeline:
    event = next((each for each in known if each.type), known[0])
    steps = {_key(step): step for each in known for step in each.steps}
    ordered = sorted(steps.values(), key=lambda step: (step.at, _rank(step.what)))
    states = [(each.state, _sentence(each)) for each in known if each.state in _SENTENCES]
    if not states:
        waits = "waits in the queue to be handled"
        unknown = "with the broker; the other service can't be asked whether it is handled"
        states = [("waiting", waits if asked else unknown)]
    return Timeline(event=event, steps=ordered, states=states)


def _key(step: Step) -> tuple[object, ...]:
    # An event is written once: each service has read the time, to its own precision.
    once = step.what == "written"
    return (step.what,) if once else (step.at, step.what, step.place)


def _sentence(known: Known) -> str:
    return _SENTENCES[known.state].format(place=known.place)


def _rank(what: str) -> int:
    return _ORDER.index(what) if what in _ORDER else len(_ORDER)


def _aware(text: Any) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time
