"""kill -9 at named points, again and again."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.clients import Refused, number_of
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

Loaded = Callable[[Stack], AbstractContextManager[Load]]
WEB, RELAYS = ("quotes", "likes"), ("quotes-relay", "likes-relay")
CONSUMERS = ("quotes-consumer", "likes-consumer")
POINTS = {
    "before_outbox_insert": WEB,  # the row is written, its event is not
    "before_commit": WEB,  # both are, and nothing is committed
    "before_publish": RELAYS,  # committed, and the broker has nothing
    "after_publish": RELAYS,  # the broker may have it, and has not confirmed it
    "after_confirm": RELAYS,  # confirmed, and the row is still there
    "after_handling": CONSUMERS,  # handled, and not committed
    "after_commit": CONSUMERS,  # committed, and not acked
}


@pytest.mark.parametrize("names", [WEB, RELAYS, CONSUMERS], ids=["web", "relays", "consumers"])
def test_killed_at_every_point(stack: Stack, loaded: Loaded, names: tuple[str, ...]) -> None:
    with loaded(stack) as load:
        for point in (point for point, where in POINTS.items() if where == names):
            before = {name: deaths(stack, name) for name in names}
            for name in names:
                # Not at once, so that what it dies with is not the same each time.
                stack.supervisor.rearm(name, FAULT_POINT=f"{point}:kill:3")
            for name in names:
                wait_until(
                    lambda name=name, before=before: deaths(stack, name) > before[name],  # type: ignore[misc]
                    patience=PATIENCE,
                    what=f"{name} has died at {point}",
                )
                load.faults += 1
                stack.supervisor.rearm(name)
            load.wait_for_more(OPERATIONS)


LEAVE = """
from quotes_service import domain
for user_id in %s:
    domain.delete_user(user_id=user_id)
"""


def test_killed_while_the_likes_of_deleted_accounts_are_withdrawn(
    stack: Stack, loaded: Loaded
) -> None:
    consumer = "likes-consumer"
    leaving = stack.users(3)
    ids = {number_of(user.id) for user in leaving}
    quotes = [leaving[0].create(uuid.uuid4().hex) for _ in range(2)]
    with loaded(stack) as load:
        for user in leaving:  # what the record has no part in
            for quote_id in quotes:
                user.like(quote_id)
        before = deaths(stack, consumer)
        stack.supervisor.rearm(consumer, FAULT_POINT="after_withdrawing:kill:2")
        command = LEAVE % sorted(ids)
        stack.manage("quotes_service", "shell", "--no-imports", "--command", command)
        wait_until(
            lambda: deaths(stack, consumer) > before,
            patience=PATIENCE,
            what="it has died while it withdrew likes",
        )
        load.faults += 1
        stack.supervisor.rearm(consumer)
        wait_until(
            lambda: not ids & {user_id for user_id, _ in stack.pairs()},
            patience=PATIENCE,
            what="the likes of who left are withdrawn",
        )
        with pytest.raises(Refused):
            leaving[0].like(quotes[0])


def deaths(stack: Stack, name: str) -> int:
    """Return how often a process, or one of a web server's workers, was killed."""
    return sum(
        f"{name} |" in line and ("signal SIGKILL" in line or "Unexpected exit from worker" in line)
        for line in stack.logged().splitlines()
    )
