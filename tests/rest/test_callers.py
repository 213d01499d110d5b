"""Who sends a request: nobody, somebody, or one whose token does not hold."""

import pytest
from django.test import Client
from pytest_django import Settings

from identity.errors import InvalidToken, KeysUnavailable
from identity.tokens import Caller


@pytest.fixture(autouse=True)
def _tokens(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCOUNT_STANDING = ""

    def verify(token: str) -> Caller:
        if token == "good":
            return Caller(user_id=7)
        if token == "early":
            raise KeysUnavailable("No keys yet.")
        raise InvalidToken("The token is malformed.")

    monkeypatch.setattr("rest.callers.verify", verify)


@pytest.mark.parametrize("path", ["/open", "/closed"])
def test_a_good_token_is_somebody(client: Client, path: str) -> None:
    assert client.get(path, headers={"Authorization": "Bearer good"}).json() == 7


def test_no_token_is_nobody(client: Client) -> None:
    assert client.get("/open").json() is None
    response = client.get("/closed")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("header", ["", "  "])
def test_an_empty_header_is_none(client: Client, header: str) -> None:
    assert client.get("/open", headers={"Authorization": header}).json() is None
    response = client.get("/closed", headers={"Authorization": header})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("path", ["/open", "/closed"])
@pytest.mark.parametrize("header", ["Bearer bad", "Bearer", "Basic good", "good"])
def test_a_bad_token_is_never_taken_for_none(client: Client, path: str, header: str) -> None:
    response = client.get(path, headers={"Authorization": header})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("path", ["/open", "/closed"])
def test_keys_that_can_not_be_had_are_no_fault_of_the_caller(client: Client, path: str) -> None:
    response = client.get(path, headers={"Authorization": "Bearer early"})
    assert (response.status_code, response.json()["code"]) == (503, "upstream_unavailable")
    assert response.headers["Retry-After"]
