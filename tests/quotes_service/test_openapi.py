"""The OpenAPI document says all that people and generated clients need."""

from django.test import Client

from tests.openapi import assert_says_all


def test_nothing_that_is_sent_is_left_unsaid(client: Client) -> None:
    assert_says_all(client.get("/openapi.json").json())


def test_too_many_requests_are_documented_as_they_come(client: Client) -> None:
    document = client.get("/openapi.json").json()
    for path in ("/tokens", "/users"):
        refused = document["paths"][path]["post"]["responses"]["429"]
        assert refused["content"]["application/problem+json"]["schema"] == {
            "$ref": "#/components/schemas/TooManyRequestsOut"
        }
        assert refused["headers"]["Retry-After"]["schema"]["type"] == "integer"


def test_a_token_is_needed_to_write_and_may_be_sent_to_read_accounts(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/quotes"]["post"]["security"] == [{"bearer": []}]
    assert paths["/users/{user_id}"]["get"]["security"] == [{}, {"bearer": []}]
    assert "security" not in paths["/quotes"]["get"]
