"""The OpenAPI document says all that people and generated clients need."""

from django.test import Client

from tests.openapi import assert_says_all


def test_nothing_that_is_sent_is_left_unsaid(client: Client) -> None:
    assert_says_all(client.get("/openapi.json").json())
