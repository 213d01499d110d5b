"""What a schema lets through a database can hold."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

import event_schemas
from messaging.errors import InvalidEvent
from messaging.schemas import check_data, is_storable_time

NOW = "2026-11-27T02:00:00+00:00"
QUOTE = {
    "id": 1, "title": "a", "author": "", "version": 1, "created_by": None,
    "created_at": NOW, "updated_at": NOW,
}  # fmt: skip
TYPE = "quotes.quote.created"


@pytest.fixture(autouse=True)
def _of_the_product(settings: Settings) -> None:
    folder = Path(str(event_schemas.__file__)).parent
    settings.MESSAGING = {**settings.MESSAGING, "SCHEMAS": folder}


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": "9999-12-31T21:59:59-03:00"},
        {"updated_at": "9999-12-31T23:59:59Z"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"created_at": "0001-01-01T00:00:00Z"},
        {"created_at": "0000-01-01T00:00:00Z"},
        {"updated_at": "2026-06-30T23:59:60Z"},
        {"updated_at": "2026-06-31T23:59:59Z"},
        {"updated_at": "2026-06-30T24:00:00Z"},
        {"updated_at": "2026-06-30T23:59:59"},
        {"updated_at": "2026-06-30"},
        {"updated_at": "20260630T235959Z"},
        {"updated_at": "2026-W27-2T23:59:59Z"},
        {"updated_at": "٢026-06-30T23:59:59Z"},
        {"updated_at": "2026-06-30T23:59:59+24:00"},
        {"updated_at": ""},
        {"id": 1.0},
        {"version": 2.0},
        {"created_by": 1e3},
        {"id": 2**63},
        {"id": True},
        {"title": "a\x00"},
    ],
    ids=lambda change: str(change),
)
def test_what_no_database_holds_is_no_event(change: dict[str, Any]) -> None:
    check_data(TYPE, QUOTE)
    with pytest.raises(InvalidEvent):
        check_data(TYPE, QUOTE | change)


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-27T02:00:00Z",
        "2026-11-27T02:00:00.123456789+05:30",
        "2024-02-29T23:59:59.9-00:00",
        "0001-01-03T00:00:00Z",
        "9999-12-29T00:00:00Z",
    ],
)
def test_what_a_database_holds_is_a_time(time: str) -> None:
    assert is_storable_time(time)


@given(st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat()) | st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    assert is_storable_time(text) in (True, False)
