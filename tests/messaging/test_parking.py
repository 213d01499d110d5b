"""Parking never fails: whatever a message and its error hold, they are kept."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from messaging.brokers.interface import Delivery
from messaging.dead_letters import ATTEMPTS_HEADER, park
from messaging.events import ID_HEADER, SOURCE_HEADER, Message
from messaging.models import DeadLetter

pytestmark = pytest.mark.django_db
STRANGE = "a\x00b \ud83d"


def delivery(**given: object) -> Delivery:
    message = Message(**{"exchange": "", "routing_key": "key", "body": b"\x00\xff", **given})  # type: ignore[arg-type]
    return Delivery(message=message, redelivered=False, tag=1, connection=1)


def raised(error: ValueError) -> ValueError:
    """Return an error with its traceback."""
    try:
        raise error
    except ValueError as caught:
        return caught


def test_whatever_the_error_says_it_is_kept() -> None:
    park(delivery(), DeadLetter.Reason.FAILED, raised(ValueError(STRANGE)))
    letter = DeadLetter.objects.get()
    assert letter.error == "ValueError: a\\x00b \\ud83d"
    assert "a\\x00b \\ud83d" in letter.traceback
    assert bytes(letter.body) == b"\x00\xff"


@pytest.mark.parametrize(
    "strange",
    [
        {"type": STRANGE},
        {"type": "\x00" * 255},
        {"routing_key": "\x00" * 255},
        {"message_id": STRANGE},
        {"message_id": "i" * 255},
        {"content_type": STRANGE},
        {"headers": {STRANGE: [STRANGE, {"deep": STRANGE}], ID_HEADER: STRANGE}},
        {"headers": {ID_HEADER: "i" * 200, SOURCE_HEADER: "s" * 255}},
        {"headers": {ID_HEADER: "i", SOURCE_HEADER: STRANGE}},
        {"headers": {ID_HEADER: "i", SOURCE_HEADER: "a\x00b"}},
        {"headers": {ATTEMPTS_HEADER: 2**62}},
        {"headers": {ATTEMPTS_HEADER: 2**31 - 1}},
        {"headers": {"number": math.nan, "more": [math.inf, {"less": -math.inf}]}},
        {"headers": {"number": 2**64, "less": -(2**64), "exact": Decimal("1E-200")}},
        {"headers": {"time": datetime(9999, 12, 31, tzinfo=UTC)}},
        {"headers": {"table": {b"\xff": b"\x00", 1: None}}},
    ],
    ids=lambda strange: str(strange)[:40],
)
def test_whatever_a_message_says_of_itself_it_is_kept_once(strange: dict[str, object]) -> None:
    for _ in range(2):
        park(delivery(**strange), DeadLetter.Reason.INVALID, "why")
    assert DeadLetter.objects.get().error == "why"


NUMBERS = st.integers() | st.floats() | st.decimals() | st.datetimes() | st.booleans() | st.none()
VALUES = st.recursive(
    st.text() | st.binary() | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([ID_HEADER, SOURCE_HEADER, ATTEMPTS_HEADER]) | st.text()


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    headers=st.dictionaries(NAMES, VALUES, max_size=4),
    type=st.none() | st.text(),
    routing_key=st.text(),
    body=st.binary(),
    error=st.text(),
    reason=st.sampled_from(list(DeadLetter.Reason)),
)
def test_whatever_comes_it_is_kept(error: str, reason: DeadLetter.Reason, **given: object) -> None:
    letter = park(delivery(**given), reason, error)
    letter.refresh_from_db()
    assert bytes(letter.body) == given["body"]


def test_an_error_that_has_no_text_is_named() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    park(delivery(), DeadLetter.Reason.FAILED, Silent())
    assert DeadLetter.objects.get().error == "Silent"


@pytest.mark.parametrize(
    "two",
    [
        ({"body": b"1"}, {"body": b"2"}),
        ({"routing_key": "a"}, {"routing_key": "b"}),
        ({"message_id": "1", "body": b"1"}, {"message_id": "1", "body": b"2"}),
        ({"headers": {ID_HEADER: "1", SOURCE_HEADER: 1}}, {"headers": {ID_HEADER: "1"}}),
        (
            {"headers": {ID_HEADER: "c", SOURCE_HEADER: "a#b"}},
            {"headers": {ID_HEADER: "b#c", SOURCE_HEADER: "a"}},
        ),
        (
            {"headers": {ID_HEADER: "1", SOURCE_HEADER: "/a"}, "body": b"1"},
            {"headers": {ID_HEADER: "1", SOURCE_HEADER: "/a"}, "body": b"2"},
        ),
    ],
    ids=["bodies", "types", "one message id", "a source or none", "one sign", "one id"],
)
def test_two_messages_that_are_no_events_are_two_letters(
    two: tuple[dict[str, object], ...],
) -> None:
    for one in two:
        park(delivery(**one), DeadLetter.Reason.INVALID, "why")
    assert DeadLetter.objects.count() == 2


def test_an_event_that_fails_again_is_one_letter_whatever_came_on_the_way() -> None:
    for attempts in range(2):
        headers = {ID_HEADER: "1", SOURCE_HEADER: "/a", ATTEMPTS_HEADER: attempts, "x-death": []}
        park(delivery(headers=headers), DeadLetter.Reason.FAILED, "why")
    assert DeadLetter.objects.get().attempts == 2


def test_two_events_of_a_source_with_a_long_name_are_two_letters() -> None:
    for number in range(2):
        headers = {ID_HEADER: str(number), SOURCE_HEADER: "s" * 255}
        park(delivery(headers=headers), DeadLetter.Reason.FAILED, "why")
    assert DeadLetter.objects.count() == 2
