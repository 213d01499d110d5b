"""Accounts as people live with them, on two devices, with what carries the news away meanwhile."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
import requests

from tests.system.clients import PASSWORD, Refused, User, number_of, register
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

INFO = "... on OperationInfo { messages { code } }"
LOGIN = f"""mutation ($input: LoginInput!) {{
    answer: login(input: $input) {{ ... on LoginPayload {{ token refreshToken }} {INFO} }} }}"""
REFRESH = f"""mutation ($input: RefreshSessionInput!) {{
    answer: refreshSession(input: $input) {{ ... on LoginPayload {{ token }} {INFO} }} }}"""
CHANGE = f"""mutation ($input: ChangePasswordInput!) {{
    answer: changePassword(input: $input) {{ ... on TokenPayload {{ token }} {INFO} }} }}"""
DELETE = f"""mutation ($input: DeleteAccountInput!) {{
    answer: deleteAccount(input: $input) {{ ... on User {{ id }} {INFO} }} }}"""


@contextmanager
def without_broker(stack: Stack) -> Iterator[None]:
    """Have no broker meanwhile; no relay, where the broker is a file."""
    if stack.rabbitmq is None:
        stack.supervisor.hold("quotes-relay")
        yield
        stack.supervisor.release("quotes-relay")
    else:
        stack.rabbitmq.kill()
        yield
        stack.rabbitmq.start()


@contextmanager
def without_consumer(stack: Stack) -> Iterator[None]:
    """Have no consumer of Likes meanwhile."""
    stack.supervisor.hold("likes-consumer")
    yield
    stack.supervisor.release("likes-consumer")


def answer(user: User, operation: str, **values: str) -> dict[str, str]:
    """Return what a mutation answers; raise Refused with its reasons."""
    found: dict[str, str] = user.ask(operation, input=values)["answer"]
    if "messages" in found:
        raise Refused(found["messages"])
    return found


def is_refused(user: User, quote_id: str) -> bool:
    """Return whether Likes takes a token no more; if it does, the quote is liked."""
    try:
        user.like(quote_id)
    except Refused as refused:
        return "INVALID_TOKEN" in str(refused)
    return False


@pytest.mark.parametrize("away", [without_broker, without_consumer])
def test_a_changed_password_and_a_deleted_account_are_heard_of_wherever_they_act(
    stack: Stack, away: Callable[[Stack], AbstractContextManager[None]]
) -> None:
    writer, person = stack.user(), register(stack.graphql)
    # Other tests on the same product judge by texts that are there once.
    first, second, third = (writer.create(uuid.uuid4().hex) for _ in range(3))
    name = person.ask("{ me { username } }")["me"]["username"]
    login = answer(person, LOGIN, username=name, password=PASSWORD)
    other = replace(person, token=login["token"], session=requests.Session())
    assert (person.like(first), other.like(second)) == (1, 1)

    with away(stack):
        changed = answer(person, CHANGE, oldPassword=PASSWORD, newPassword=PASSWORD + "8")
        person.token = changed["token"]
        with pytest.raises(Refused, match="INVALID_TOKEN"):
            other.create("Quotes knows it at once")
        with pytest.raises(Refused, match="INVALID_REFRESH_TOKEN"):
            answer(other, REFRESH, refreshToken=login["refreshToken"])
        assert person.like(third) == 1
    wait_until(
        lambda: is_refused(other, writer.create(uuid.uuid4().hex)),
        patience=PATIENCE,
        what="refused",
    )
    with pytest.raises(Refused, match="INVALID_CREDENTIALS"):
        answer(person, LOGIN, username=name, password=PASSWORD)

    with away(stack):
        answer(person, DELETE, password=PASSWORD + "8")
        with pytest.raises(Refused, match="INVALID_TOKEN"):
            person.create("Nobody is there any more")
    wait_until(
        lambda: [writer.likes(each) for each in (first, second, third)] == [0, 0, 0],
        patience=PATIENCE,
        what="the likes are withdrawn",
    )
    stack.wait_until_agreed()
    assert number_of(person.id) not in {user for user, _ in stack.pairs()}
    assert is_refused(person, first)
    assert stack.dead_letters() == []
