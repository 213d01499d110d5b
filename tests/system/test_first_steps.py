"""What a newcomer does first works, on both kinds of servers."""

import pytest
import requests

from tests.system.clients import Refused, number_of
from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until
from tools.servers import PrivateRabbitMQ


def test_a_quote_created_and_liked_over_graphql_is_in_both_services(stack: Stack) -> None:
    user = stack.user()
    quote_id = user.create("Only the first step is hard.")
    assert user.like(quote_id) == 1
    page = user.ask("{ quotes(first: 5) { edges { node { id title likes likedByMe } } } }")
    [node] = [edge["node"] for edge in page["quotes"]["edges"] if edge["node"]["id"] == quote_id]
    assert node == {
        "id": quote_id,
        "title": "Only the first step is hard.",
        "likes": node["likes"],
        "likedByMe": True,
    }
    stack.wait_until_agreed()
    assert user.likes(quote_id) == 1
    assert stack.dead_letters() == []


def test_an_updated_quote_is_updated_in_likes_and_a_deleted_one_is_gone_with_its_likes(
    stack: Stack,
) -> None:
    user = stack.user()
    kept, gone = user.create("First text"), user.create("To be deleted")
    user.like(gone)
    user.ask(
        "mutation ($i: UpdateQuoteInput!) { updateQuote(input: $i) { __typename } }",
        i={"id": kept, "title": "Second text"},
    )
    user.ask(
        "mutation ($i: DeleteQuoteInput!) { deleteQuote(input: $i) { __typename } }", i={"id": gone}
    )
    stack.wait_until_agreed()
    assert stack.replica()[number_of(kept)] == "Second text"
    assert number_of(gone) not in stack.likes()
    assert user.likes(gone) is None


def test_a_new_quote_can_be_liked_and_the_like_is_counted_with_all_consumers_stopped(
    stack: Stack,
) -> None:
    user, other = stack.user(), stack.user()
    for consumer in ("quotes-consumer", "likes-consumer"):
        stack.supervisor.hold(consumer)
    quote_id = user.create("Nobody listens")
    assert user.like(quote_id) == 1
    assert user.unlike(quote_id) == 0
    assert user.like(quote_id) == 1
    assert other.like(quote_id) >= 1
    for consumer in ("quotes-consumer", "likes-consumer"):
        stack.supervisor.release(consumer)
    stack.wait_until_agreed()
    assert user.likes(quote_id) == 2


def test_liking_twice_is_refused_and_counted_once(stack: Stack) -> None:
    user = stack.user()
    quote_id = user.create("Twice")
    user.like(quote_id)
    with pytest.raises(Refused, match=r"(?i)already_liked"):
        user.like(quote_id)
    stack.wait_until_agreed()
    assert user.likes(quote_id) == 1


def test_the_other_doors_are_open(stack: Stack) -> None:
    for name in stack.product.names:
        for path in ("/healthz", "/readyz"):
            assert requests.get(stack.product.url(name, path), timeout=10).status_code == 200
    for service in ("quotes", "likes"):
        assert requests.get(stack.product.url(service, "/docs"), timeout=10).status_code == 200


def test_no_web_process_is_connected_to_the_broker(stack: Stack, node: PrivateRabbitMQ) -> None:
    names = node.ctl("list_connections", "client_properties")
    assert "relay" in names
    assert "consumer" in names
    pids = {stack.supervisor.pid(name) for name in stack.product.names[:3]}
    assert not any(f" {pid} " in names for pid in pids)


def restart_what_is_behind(stack: Stack) -> None:
    """End the relays and consumers, and wait until they are ready again."""
    for name in ("quotes-consumer", "likes-consumer", "quotes-relay", "likes-relay"):
        stack.supervisor.hold(name)
        stack.supervisor.release(name)
    stack.product.wait_until_ready()


def test_what_is_written_after_the_relays_and_consumers_were_killed_arrives(stack: Stack) -> None:
    restart_what_is_behind(stack)
    user = stack.user()
    user.like(user.create("Up again"))
    stack.wait_until_agreed()


def test_the_queues_have_their_consumers_back_after_the_processes_were_killed(
    stack: Stack, node: PrivateRabbitMQ
) -> None:
    restart_what_is_behind(stack)

    def consumers() -> dict[str, str]:
        lines = node.ctl("list_queues", "name", "consumers").splitlines()[1:]
        return dict(line.split("\t") for line in lines if line)

    wait_until(
        lambda: consumers().get("quotes") == consumers().get("likes") == "1",
        patience=PATIENCE,
        what="one consumer each",
    )
