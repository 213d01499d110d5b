"""What an operator does to the running product, while it is written to."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.system.clients import User, number_of
from tests.system.load import under_load
from tests.system.stack import Stack
from tools.product import CommandFailed


def audit(stack: Stack, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        stack.manage("quotes_service", "audit_likes", "--json", *arguments)
    )
    return told


def spoil(stack: Stack, quote_id: str, count: int) -> None:
    """Write a wrong count into Quotes' database, as nothing of the product would."""
    stack.execute(
        "quotes",
        f"UPDATE quotes_service_quote SET likes = {count} WHERE id = {number_of(quote_id)}",  # noqa: S608
    )


def test_counts_that_were_spoilt_are_mended_exactly_while_fifty_users_like_and_unlike(
    stack: Stack,
) -> None:
    stack.make_admin()
    quote_id = stack.user().create("Contested")
    users = stack.users(50)
    stop = threading.Event()

    def like_and_unlike(user: User, seed: int) -> bool:
        """Go on until stopped. Return whether the like is given at the end."""
        choose, given = random.Random(seed), False  # noqa: S311
        while not stop.is_set() or choose.random() < 0.5:
            (user.unlike if given else user.like)(quote_id)
            given = not given
        return given

    with ThreadPoolExecutor(50) as pool:
        running = [pool.submit(like_and_unlike, user, seed) for seed, user in enumerate(users)]
        try:
            for wrong in (1000, -1000, 0):
                spoil(stack, quote_id, wrong)
                told = audit(stack, str(number_of(quote_id)), "--repair")
                assert told["repaired"]
                assert [found["quote_id"] for found in told["differences"]] == [number_of(quote_id)]
        finally:
            stop.set()
        given = sum(future.result() for future in running)
    stack.wait_until_agreed()
    assert (
        stack.quotes()[number_of(quote_id)][1] == stack.likes().get(number_of(quote_id), 0) == given
    )
    assert audit(stack)["differences"] == []


def test_an_audit_finds_what_is_wrong_and_changes_nothing_unless_asked(stack: Stack) -> None:
    user = stack.user()
    quote_id = user.create("Counted wrong")
    user.like(quote_id)
    stack.wait_until_agreed()
    spoil(stack, quote_id, 41)
    for arguments in ([], ["--repair", "--dry-run"]):
        with pytest.raises(CommandFailed, match=r'"stored": 41, "counted": 1, "settled": true'):
            audit(stack, *arguments)
    stack.make_admin()
    audit(stack, "--repair")
    stack.wait_until_agreed()
    assert user.likes(quote_id) == 1


def test_a_replica_that_was_spoilt_is_mended_while_quotes_are_written(stack: Stack) -> None:
    user = stack.user()
    forgotten = [user.create(f"To be forgotten {number}") for number in range(5)]
    stack.wait_until_agreed()
    with under_load(stack, seed=3, spoilt_replica=True) as load:
        load.wait_for_more(100)
        ids = ", ".join(str(number_of(each)) for each in forgotten)
        stack.execute("likes", f"DELETE FROM likes_service_quote WHERE id IN ({ids})")  # noqa: S608
        stack.execute(
            "likes", "UPDATE likes_service_quote SET title = 'lost', version = 0 WHERE NOT deleted"
        )
        told = json.loads(stack.manage("likes_service", "resync_quotes", "--json"))
        assert told["created"] >= len(forgotten)
        assert told["updated"] > 0
        load.wait_for_more(50)


def test_the_status_is_well_and_tells_what_is_not(stack: Stack) -> None:
    for service in ("quotes_service", "likes_service"):
        told = json.loads(stack.manage(service, "messages", "status", "--json"))
        assert told["problems"] == []
    stack.supervisor.hold("quotes-relay")
    stack.supervisor.hold("likes-relay")
    user = stack.user()
    user.like(user.create("Not told yet"))
    for service in ("quotes_service", "likes_service"):
        with pytest.raises(CommandFailed, match="events wait in the outbox"):
            stack.manage(service, "messages", "status", "--json", "--outbox-age", "-1")
    stack.supervisor.release("quotes-relay")
    stack.supervisor.release("likes-relay")
    stack.wait_until_agreed()
