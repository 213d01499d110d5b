"""Accounts that come and go under load, while each process is killed in turn."""

import signal
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import TypeVar

from tests.system.chaos.conftest import OPERATIONS
from tests.system.clients import PASSWORD, Refused, User, number_of, register
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

LEAVE = """mutation ($password: String!) { answer: deleteAccount(input: { password: $password }) {
    __typename ... on OperationInfo { messages { code } } } }"""
T = TypeVar("T")
GONE = {"INVALID_TOKEN", "NOT_AUTHENTICATED"}


def test_accounts_that_come_and_go_leave_no_likes_whatever_is_killed(
    stack: Stack, loaded: Callable[[Stack], AbstractContextManager[Load]]
) -> None:
    quotes = [stack.user().create(uuid.uuid4().hex) for _ in range(3)]
    left: set[int] = set()
    with loaded(stack) as load:
        for name in stack.product.names:
            person = wait_until_done(partial(register, stack.graphql))
            for quote_id in quotes:
                wait_until_done(partial(like, person, quote_id))
            killed = stack.supervisor.pid(name)
            stack.supervisor.send(name, signal.SIGKILL)
            load.faults += 1
            wait_until_done(partial(leave, person))
            left.add(number_of(person.id))
            wait_until(
                partial(stack.runs_again, name, killed), patience=PATIENCE, what=f"{name} is back"
            )
            load.wait_for_more(OPERATIONS // 10)
        stack.product.wait_until_ready()
        wait_until(
            lambda: not left & {user_id for user_id, _ in stack.pairs()},
            patience=PATIENCE,
            what="the likes of who left are withdrawn",
        )
    assert [stack.user().likes(each) for each in quotes] == [0, 0, 0]


def wait_until_done(act: Callable[[], T]) -> T:
    """Return what an act returns, once nothing that it needs is away."""
    done: list[T] = []

    def succeeds() -> bool:
        try:
            done.append(act())
        except (Refused, OSError, ValueError):
            return False
        return True

    wait_until(succeeds, patience=PATIENCE, what="it is done", pause=0.1)
    return done[-1]


def like(person: User, quote_id: str) -> None:
    """Like a quote; that it was liked already is as good."""
    try:
        person.like(quote_id)
    except Refused as refused:
        if "ALREADY_LIKED" not in str(refused):
            raise


def leave(person: User) -> None:
    """Delete the person's account; that it is gone already is as good."""
    answer = person.ask(LEAVE, password=PASSWORD)["answer"]
    codes = {each["code"] for each in (answer or {}).get("messages", [])}
    if answer is None or codes - GONE:
        raise Refused(codes)
