"""kill -9 at named points, again and again."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.clients import Refused, number_of
from tests.system.fault_points import CONSUMERS, POINTS, RELAYS, WEB, deaths, kill_at
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

Loaded = Callable[[Stack], AbstractContextManager[Load]]


@pytest.mark.parametrize("names", [WEB, RELAYS, CONSUMERS], ids=["web", "relays", "consumers"])
def test_killed_at_every_point(stack: Stack, loaded: Loaded, names: tuple[str, ...]) -> None:
    with loaded(stack) as load:
        for point in (point for point, where in POINTS.items() if where == names):
            load.faults += kill_at(stack, [point])
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
