"""One caller's requests are limited where a rate is set, and others' are not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.gateway.fake_world import FakeWorld
from web import rates

QUERY = {"query": "{ __typename }"}


@pytest.fixture(autouse=True)
def forget() -> None:
    rates.forget()


def send(client: Client, token: str = "", address: str = "192.0.2.1", **more: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(
        "/graphql",
        QUERY,
        content_type="application/json",
        REMOTE_ADDR=address,
        headers={**headers, **more},
    )


def test_without_a_rate_there_is_no_limit(client: Client) -> None:
    assert {send(client).status_code for _ in range(50)} == {200}


def test_a_caller_over_the_rate_is_told_when_to_come_again(
    client: Client, settings: Settings
) -> None:
    settings.REQUEST_RATE = "3/minute"
    assert [send(client).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = send(client)
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert send(client, address="192.0.2.2").status_code == 200


def test_users_are_counted_by_themselves_wherever_they_are(
    world: FakeWorld, client: Client, settings: Settings, token: Callable[..., str]
) -> None:
    settings.REQUEST_RATE = "2/minute"
    places = ("192.0.2.1", "192.0.2.2", "192.0.2.3")
    tokens = [token(5, jti=place) for place in places]  # from a login at each
    assert len(set(tokens)) == 3
    answers = [send(client, sent, place) for sent, place in zip(tokens, places, strict=True)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert send(client, token(6)).status_code == 200


def test_a_forged_address_is_no_way_round(client: Client, settings: Settings) -> None:
    settings.REQUEST_RATE = "1/minute"
    answers = [
        send(client, **{"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(3)
    ]
    assert answers == [200, 429, 429]


BAD: dict[str, dict[str, Any]] = {
    "body": {"data": b"{", "status": 400},
    "kind of body": {"data": b"{}", "content_type": "text/plain", "status": 415},
    "token": {"data": QUERY, "headers": {"Authorization": "Bearer x.y.z"}, "status": 401},
    "method": {"method": "PUT", "data": b"{}", "status": 405},
    "host": {"data": QUERY, "headers": {"Host": "elsewhere.example"}, "status": 400},
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_not_even_executed_counts_for_its_address(
    client: Client, settings: Settings, kind: str
) -> None:
    settings.REQUEST_RATE = "2/minute"
    sent = {"content_type": "application/json", **BAD[kind]}
    method, status = sent.pop("method", "POST"), sent.pop("status")
    sent["data"] = sent["data"] if isinstance(sent["data"], bytes) else json.dumps(sent["data"])
    answers = [
        client.generic(method, "/graphql", REMOTE_ADDR="192.0.2.1", **sent) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [status, status, 429]
    assert int(answers[2]["Retry-After"]) >= 1
    assert send(client).status_code == 429, "with what is well-formed, too"
    assert send(client, address="192.0.2.2").status_code == 200


def test_each_request_of_a_batch_counts(client: Client, settings: Settings) -> None:
    settings.REQUEST_RATE, settings.GRAPHQL_MAX_BATCH = "10/minute", 10
    sent = json.dumps([QUERY] * 4)
    answers = [
        client.post("/graphql", sent, content_type="application/json", REMOTE_ADDR="192.0.2.1")
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [send(client).status_code for _ in range(3)] == [200, 200, 429]


def test_addresses_of_one_network_are_one(client: Client, settings: Settings) -> None:
    settings.REQUEST_RATE = "2/minute"
    places = ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1")
    answers = [send(client, address=place).status_code for place in places]
    assert answers == [200, 200, 429, 200]


def test_quotes_is_told_where_who_logs_in_is(world: FakeWorld, client: Client) -> None:
    login = 'mutation { login(input: {username: "a", password: "b"}) { __typename } }'
    client.post(
        "/graphql", {"query": login}, content_type="application/json", REMOTE_ADDR="192.0.2.7"
    )
    [call] = world.quotes.calls
    assert call.headers["x-forwarded-for"] == "192.0.2.7"
