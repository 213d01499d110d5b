"""Which pages of other sites may call, and what they are told where they may not."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from gateway import settings as gateway_settings

PAGE = "https://app.example"


@pytest.fixture(autouse=True)
def _in_production(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGIN_REGEXES = []


def preflight(client: Client, origin: str, headers: str = "", method: str = "POST") -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return client.options("/graphql", headers=asked)


@pytest.mark.parametrize(
    "headers",
    [
        "authorization,content-type",
        "apollographql-client-name,apollographql-client-version,content-type",
        "apollo-require-preflight, x-apollo-operation-name, graphql-require-preflight",
        "baggage,sentry-trace,traceparent,tracestate",
        "Content-Type, Sentry-Trace",
    ],
)
def test_what_clients_of_graphql_send_by_themselves_is_let_in(
    client: Client, settings: Settings, headers: str
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = preflight(client, PAGE, headers)
    allowed = response["Access-Control-Allow-Headers"].replace(" ", "").split(",")
    assert set(headers.lower().replace(" ", "").split(",")) <= set(allowed)
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, PAGE)


@pytest.mark.parametrize("allowed", [[], ["https://other.example"]])
def test_a_refused_origin_is_told_which_variable_lets_it_in(
    client: Client, settings: Settings, allowed: list[str]
) -> None:
    settings.CORS_ALLOWED_ORIGINS = allowed
    response = preflight(client, PAGE)
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response
    told = response.content.decode()
    assert PAGE in told
    assert "CORS_ALLOWED_ORIGINS" in told


def test_a_refused_header_is_told_with_the_variable_that_lets_it_in(
    client: Client, settings: Settings
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = preflight(client, PAGE, "content-type,x-tenant")
    assert response.status_code == 403
    told = response.content.decode()
    assert "x-tenant" in told
    assert "content-type" not in told
    assert "CORS_ALLOWED_HEADERS" in told
    settings.CORS_ALLOW_HEADERS = [*settings.CORS_ALLOW_HEADERS, "x-tenant"]
    assert preflight(client, PAGE, "content-type,x-tenant").status_code == 200


def test_a_refused_method_is_told(client: Client, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = preflight(client, PAGE, method="DELETE")
    assert (response.status_code, b"DELETE" in response.content) == (403, True)


@pytest.mark.parametrize("origin", ["null", "https://[", "x" * 10_000, "é"])
def test_any_other_origin_is_refused_in_a_short_line(
    client: Client, settings: Settings, origin: str
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = preflight(client, origin)
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response
    assert len(response.content) < 1000
    assert response.content.isascii()


def test_a_request_without_an_origin_is_no_preflight(client: Client) -> None:
    response = client.options("/graphql", headers={"Access-Control-Request-Method": "POST"})
    assert response.status_code == 405


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("http://localhost:5173", True),
        ("https://localhost", True),
        ("http://127.0.0.1:3000", True),
        ("http://[::1]:8080", True),
        ("http://app.localhost:3000", True),
        ("http://localhost.evil.example", False),
        ("http://evil.example/localhost", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost:5173\n", False),
    ],
)
def test_in_development_any_page_of_this_machine_may_call(
    client: Client, settings: Settings, origin: str, may: bool
) -> None:
    settings.CORS_ALLOWED_ORIGIN_REGEXES = gateway_settings.CORS_ALLOWED_ORIGIN_REGEXES
    response = preflight(client, origin, "content-type,authorization")
    assert response.status_code == (200 if may else 403)
    assert response.get("Access-Control-Allow-Origin") == (origin if may else None)
