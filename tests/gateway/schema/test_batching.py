"""Several requests in one are refused, unless a setting accepts so many."""

import json
from typing import Any

from django.test import Client
from pytest_django import Settings

from tests.gateway.fake_world import FakeWorld

TYPENAME = {"query": "{ __typename }"}


def send(client: Client, body: Any) -> Any:
    return client.post("/graphql", json.dumps(body), content_type="application/json")


def test_a_batch_is_refused_by_default(world: FakeWorld, client: Client) -> None:
    response = send(client, [TYPENAME])
    assert response.status_code == 400
    assert "batches are not accepted" in response.content.decode()


def test_where_it_is_accepted_the_answers_come_in_order(
    world: FakeWorld, client: Client, settings: Settings
) -> None:
    settings.GRAPHQL_MAX_BATCH = 3
    response = send(client, [TYPENAME, {"query": "{ nonsense }"}, TYPENAME])
    answers = json.loads(response.content)
    assert (response.status_code, len(answers)) == (200, 3)
    assert answers[0] == answers[2] == {"data": {"__typename": "Query"}}
    assert answers[1]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_batch_over_the_limit_an_empty_one_and_one_of_others_are_refused(
    world: FakeWorld, client: Client, settings: Settings
) -> None:
    settings.GRAPHQL_MAX_BATCH = 3
    assert "at most 3" in send(client, [TYPENAME] * 4).content.decode()
    assert "empty" in send(client, []).content.decode()
    assert send(client, [TYPENAME, 5]).status_code == 400
