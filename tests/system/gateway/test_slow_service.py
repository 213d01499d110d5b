"""A service that accepts connections and never answers takes down only its own fields."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until

PLAIN = "{ quotes(first: 5) { nodes { id title likes } } }"
LIKED = "{ quotes(first: 5) { nodes { id likedByMe } } me { id } }"


@pytest.fixture
def stack() -> Iterator[Stack]:
    """With the time-outs of the product, which the other tests don't have."""
    with running(UPSTREAM_READ_TIMEOUT="1.5", UPSTREAM_WRITE_TIMEOUT="10") as stack:
        yield stack


def test_quotes_keep_answering_while_likes_is_silent_and_all_is_well_when_it_wakes(
    stack: Stack,
) -> None:
    user = stack.user()
    quote_id = user.create("Somebody is silent")
    stack.wait_until_agreed()
    headers = {"Authorization": f"Bearer {user.token}"}

    def ask(query: str) -> dict[str, Any]:
        response = requests.post(stack.graphql, json={"query": query}, headers=headers, timeout=60)
        body: dict[str, Any] = response.json()
        return body

    stack.supervisor.send("likes", signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(150) as pool:
            # More at once than the gateway has threads.
            slow = [pool.submit(ask, LIKED) for _ in range(150)]
            for _ in range(20):
                assert "errors" not in ask(PLAIN)
            for body in (future.result() for future in slow):
                data = body["data"]
                assert data["me"] == {"id": user.id}
                assert [node["id"] for node in data["quotes"]["nodes"]] == [quote_id]
                assert data["quotes"]["nodes"][0]["likedByMe"] is None
                [error] = body["errors"]
                assert error["extensions"]["service"] == "likes"
                assert error["path"] == ["quotes", "nodes", 0, "likedByMe"]
    finally:
        stack.supervisor.send("likes", signal.SIGCONT)
    wait_until(lambda: "errors" not in ask(LIKED), patience=PATIENCE, what="Likes is asked again")


@pytest.mark.parametrize(
    ("silent", "slow", "quick"),
    [
        ("likes", LIKED, PLAIN),
        ("quotes", PLAIN, "{ __typename }"),
    ],
)
def test_what_needs_no_silent_service_is_answered_while_all_that_do_still_wait(
    silent: str, slow: str, quick: str
) -> None:
    with running(UPSTREAM_READ_TIMEOUT="120", REQUEST_BUDGET="120") as stack:
        user = stack.user()
        user.create("Somebody is silent")
        headers = {"Authorization": f"Bearer {user.token}"}

        def ask(query: str) -> dict[str, Any]:
            response = requests.post(
                stack.graphql, json={"query": query}, headers=headers, timeout=120
            )
            body: dict[str, Any] = response.json()
            return body

        for _ in range(20):  # so that each worker has the keys
            assert "errors" not in ask(LIKED)
        stack.supervisor.send(silent, signal.SIGSTOP)
        with ThreadPoolExecutor(60) as pool:
            try:
                waiting = [pool.submit(ask, slow) for _ in range(60)]
                for _ in range(20):
                    assert "errors" not in ask(quick)
                assert not any(future.done() for future in waiting)
            finally:
                stack.supervisor.send(silent, signal.SIGCONT)
            assert all("errors" not in future.result() for future in waiting)
