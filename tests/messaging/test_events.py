"""Events: to the wire and back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.errors import InvalidEvent
from messaging.events import Event, Message, from_message, to_message

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
names = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=255
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(
    type=names,
    source=names,
    id=names,
    subject=texts,
    sequence=st.integers(0, 2**63 - 1),
    time=st.datetimes(timezones=st.just(UTC)),
    data=st.dictionaries(texts, values, max_size=5),
)
def test_an_event_comes_back_from_the_wire_as_it_was(**attributes: Any) -> None:
    event = Event(dataschema="urn:schema:x", traceparent=TRACEPARENT, **attributes)
    assert from_message(to_message(event, "events")) == event


def test_the_wire_format_is_cloudevents_in_binary_mode() -> None:
    event = Event(
        id="7",
        type="quotes.quote.created",
        source="/quotes",
        subject="quotes/1",
        data={"id": 1},
        time=datetime(2026, 11, 25, 4, 38, 40, 123456, UTC),
        sequence=9,
        dataschema="urn:schema:quotes.quote.created",
        traceparent=TRACEPARENT,
    )
    assert to_message(event, "events") == Message(
        exchange="events",
        routing_key="quotes.quote.created",
        body=b'{"id":1}',
        headers={
            "cloudEvents_specversion": "1.0",
            "cloudEvents_id": "7",
            "cloudEvents_source": "/quotes",
            "cloudEvents_type": "quotes.quote.created",
            "cloudEvents_time": "2026-11-25T04:38:40.123456+00:00",
            "cloudEvents_subject": "quotes/1",
            "cloudEvents_sequence": "9",
            "cloudEvents_dataschema": "urn:schema:quotes.quote.created",
            "cloudEvents_traceparent": TRACEPARENT,
        },
        message_id="7",
        type="quotes.quote.created",
    )


def wire(**headers: Any) -> Message:
    base = to_message(Event(id="1", type="t", source="/s", subject="x", data={}), "events")
    merged = {**base.headers, **{f"cloudEvents_{name}": value for name, value in headers.items()}}
    return Message(exchange="", routing_key="", body=base.body, headers=merged)


@pytest.mark.parametrize(
    "headers",
    [
        {"specversion": "0.3"},
        {"id": ""},
        {"id": 7},
        {"id": "x" * 256},
        {"id": "\x00"},
        {"source": None},
        {"type": ["t"]},
        {"time": "yesterday"},
        {"sequence": "x"},
        {"sequence": "-1"},
        {"sequence": str(2**63)},
    ],
)
def test_an_attribute_that_is_not_what_it_must_be_is_refused(headers: dict[str, Any]) -> None:
    with pytest.raises(InvalidEvent):
        from_message(wire(**headers))


@pytest.mark.parametrize("junk", ["junk", "", 7, None, "00-" + "0" * 32 + "-" + "1" * 16 + "-01"])
def test_a_malformed_traceparent_is_ignored(junk: Any) -> None:
    assert from_message(wire(traceparent=junk)).traceparent == ""


def test_a_time_without_zone_is_utc() -> None:
    assert from_message(wire(time="2026-11-25T04:38:40")).time == datetime(
        2026, 11, 25, 4, 38, 40, tzinfo=UTC
    )


@given(body=st.binary(max_size=50))
def test_any_body_is_an_event_or_is_refused(body: bytes) -> None:
    base = wire()
    message = Message(exchange="", routing_key="", body=body, headers=base.headers)
    try:
        event = from_message(message)
    except InvalidEvent:
        return
    assert isinstance(event.data, dict)
