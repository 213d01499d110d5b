"""How the page of the flow writes times and steps."""

from datetime import datetime

from django import template

from messaging.flow.timelines import Step, Timeline

register = template.Library()
_WORDS = {
    "written": "written with its change",
    "set_aside": "set aside",
    "sent": "sent to the broker",
    "confirmed": "confirmed by the broker",
    "due": "due to come back for its next attempt",
    "parked": "parked as a dead letter",
}


@register.filter
def seconds(value: float | None) -> str:
    """Write a span of time, to a millisecond where it is short."""
    if value is None:
        return "none"
    return f"{value * 1000:.0f} ms" if abs(value) < 1 else f"{value:.1f} s"


@register.filter
def moment(value: datetime | None) -> str:
    """Write a time in UTC, to the millisecond."""
    return (
        "never"
        if value is None
        else f"{value:%Y-%m-%d %H:%M:%S.}{value.microsecond // 1000:03} UTC"
    )


@register.filter
def words(what: str) -> str:
    """Write what happened."""
    return _WORDS.get(what, what)


@register.filter
def steps(timeline: Timeline) -> list[tuple[Step, str]]:
    """Return each step, and how long it came after the first."""
    first = timeline.steps[0].at
    return [
        (step, seconds((step.at - first).total_seconds()) if step.at > first else "")
        for step in timeline.steps
    ]
