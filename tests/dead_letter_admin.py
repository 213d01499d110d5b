"""What the admin of each service does with dead letters: its tests call these."""

from typing import Any

from django.test import Client
from django.utils import timezone

from messaging.models import DeadLetter

LETTERS = "/admin/messaging/deadletter/"


def letter(number: int = 1) -> DeadLetter:
    """Park a dead letter."""
    return DeadLetter.objects.create(
        identity=f"/other#{number}",
        type="other.thing.happened",
        reason="failed",
        body=b'{"quote_id": 1}\xff',
        headers={},
        error="ValueError: no",
        attempts=4,
        parked_at=timezone.now(),
    )


def chosen(action: str, *letters: DeadLetter) -> dict[str, Any]:
    """Return the form of an action on these."""
    return {"action": action, "_selected_action": [str(each.pk) for each in letters]}


def states() -> list[str]:
    """Return what became of all of them."""
    return list(DeadLetter.objects.order_by("id").values_list("state", flat=True))


def is_done_when_confirmed(client: Client, action: str, state: str, told: str) -> None:
    """See that an action asks first, does it to what was chosen alone, and says so."""
    first, second = letter(1), letter(2)
    asked = client.post(LETTERS, chosen(action, first))
    assert "ValueError: no" in asked.content.decode()
    assert states() == ["parked", "parked"]
    done = client.post(LETTERS, chosen(action, first) | {"confirmed": "yes"}, follow=True)
    assert f"1 {told}." in done.content.decode()
    assert states() == [state, "parked"]
    again = chosen(action, first, second) | {"confirmed": "yes"}
    page = client.post(LETTERS, again, follow=True).content.decode()
    assert f"1 {told}." in page
    assert "1 passed over: no longer parked." in page


def needs_the_right(client: Client) -> None:
    """See that staff who may only look do nothing."""
    first = letter()
    assert client.get(LETTERS).status_code == 200
    for action in ("replay_chosen", "discard_chosen"):
        client.post(LETTERS, chosen(action, first) | {"confirmed": "yes"}, follow=True)
    assert states() == ["parked"]
