"""Parking never fails: whatever a message and its error hold, they are kept."""

import pytest

from messaging.brokers.interface import Delivery
from messaging.dead_letters import park
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
    ],
    ids=lambda strange: str(strange)[:40],
)
def test_whatever_a_message_says_of_itself_it_is_kept_once(strange: dict[str, object]) -> None:
    for _ in range(2):
        park(delivery(**strange), DeadLetter.Reason.INVALID, "why")
    assert DeadLetter.objects.get().error == "why"


def test_two_events_of_a_source_with_a_long_name_are_two_letters() -> None:
    for number in range(2):
        headers = {ID_HEADER: str(number), SOURCE_HEADER: "s" * 255}
        park(delivery(headers=headers), DeadLetter.Reason.INVALID, "why")
    assert DeadLetter.objects.count() == 2
