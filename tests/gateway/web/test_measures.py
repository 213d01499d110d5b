"""What the gateway counts of its requests, and that nobody can make it keep more and more."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from observability.metrics import BREAKER_OPEN, REGISTRY, collect
from tests.gateway.fakes import FakeWorld
from tests.gateway.graphql import GraphQL

LIST = "query List { __typename }"  # the name of one that the page has


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def operations(name: str, kind: str = "query") -> float:
    return value(
        "graphql_operation_duration_seconds_count",
        graphql_operation_type=kind,
        graphql_operation_name=name,
    )


def errors(name: str, code: str, kind: str = "query") -> float:
    return value(
        "graphql_operation_errors_total",
        graphql_operation_type=kind,
        graphql_operation_name=name,
        error_type=code,
    )


def requests(status: int, method: str = "POST", route: str = "graphql") -> float:
    return value(
        "http_server_request_duration_seconds_count",
        http_request_method=method,
        http_route=route,
        http_response_status_code=str(status),
    )


def calls(status: str, error: str = "") -> float:
    return value(
        "http_client_request_duration_seconds_count",
        peer_service="quotes",
        http_request_method="GET",
        http_response_status_code=status,
        error_type=error,
    )


def series() -> int:
    return sum(len(family.samples) for family in collect())


@pytest.fixture
def graphql(world: FakeWorld) -> GraphQL:
    return GraphQL(Client())


def test_an_operation_of_the_page_is_counted_by_its_name(graphql: GraphQL) -> None:
    before = operations("List"), requests(200)
    assert "data" in graphql(LIST)
    assert (operations("List"), requests(200)) == (before[0] + 1, before[1] + 1)


def test_names_that_clients_make_up_are_one_series(graphql: GraphQL) -> None:
    graphql("query First { __typename }")
    graphql("query First { nothing }")
    before, kept = operations("other"), series()
    for number in range(50):
        graphql(f"query Hostile{number} {{ __typename }}")
        graphql(f"query Hostile{number} {{ nothing }}")
    assert operations("other") == before + 100
    assert series() == kept


def test_addresses_and_methods_that_clients_make_up_are_one_series(world: FakeWorld) -> None:
    client = Client()
    client.generic("BREW0", "/nowhere")
    before, kept = requests(404, "_OTHER", ""), series()
    for number in range(1, 20):
        client.generic(f"BREW{number}", f"/nowhere/{number}")
    assert requests(404, "_OTHER", "") == before + 19
    assert series() == kept


def test_an_operation_with_errors_is_counted_by_their_codes(
    graphql: GraphQL, world: FakeWorld
) -> None:
    before = errors("other", "GRAPHQL_VALIDATION_FAILED"), errors("other", "UPSTREAM_UNAVAILABLE")
    graphql("query Wrong { nothing nowhere }")
    world.quotes.stop()
    graphql("query Cut { quotes(first: 1) { nodes { id } } }")
    after = errors("other", "GRAPHQL_VALIDATION_FAILED"), errors("other", "UPSTREAM_UNAVAILABLE")
    assert after == (before[0] + 1, before[1] + 1)


def test_calls_of_a_service_are_counted_by_their_outcome(
    graphql: GraphQL, world: FakeWorld
) -> None:
    before = calls("200"), calls("", "unavailable")
    graphql("{ quotes(first: 1) { nodes { id } } }")
    world.quotes.stop()
    graphql("{ quotes(first: 1) { nodes { id } } }")
    assert calls("200") == before[0] + 1
    assert calls("", "unavailable") > before[1]


def test_a_service_that_is_left_alone_shows(
    graphql: GraphQL, world: FakeWorld, settings: Settings, silence: Any
) -> None:
    def left_alone() -> dict[str, float]:
        [family] = [each for each in collect() if each.name == BREAKER_OPEN.name]
        return {sample.labels["peer_service"]: sample.value for sample in family.samples}

    settings.BREAKER_FAILURES = 1
    assert left_alone() == {"quotes": 0, "likes": 0}
    silence(world.quotes)
    graphql("{ quotes(first: 1) { nodes { id } } }")
    assert left_alone() == {"quotes": 1, "likes": 0}


def test_who_is_refused_by_a_rate_is_counted(graphql: GraphQL, settings: Settings) -> None:
    settings.REQUEST_RATE = "1/hour"
    before = value("rate_limit_refusals_total", kind="request")
    answers = [graphql("{ __typename }") for _ in range(3)]
    assert "data" not in answers[-1]
    assert value("rate_limit_refusals_total", kind="request") > before


@pytest.mark.parametrize("host", ["10.1.2.3", "a b"])
def test_metrics_are_for_whoever_asks_from_beside(settings: Settings, host: str) -> None:
    settings.REQUEST_RATE = "1/hour"
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    for _ in range(3):
        response = client.get("/metrics", headers={"Host": host})
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"graphql_operation_duration_seconds" in response.content
    assert requests(200, "GET", "metrics") == 0
