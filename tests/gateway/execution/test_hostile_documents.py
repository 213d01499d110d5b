"""Whatever a request says, what it costs is bounded: counted in calls, rows and bytes, not in time.

The measure is the page of 20 quotes, which costs this process what a frontend's first page does.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from pytest_django import Settings

from gateway.execution import documents
from gateway.execution.error_entries import MAX_DOCUMENT_ERRORS, MAX_ERRORS, MAX_MESSAGE
from gateway.execution.limits import MAX_WORD
from tests.any_text import any_input
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import codes
from tests.gateway.hostile import EMPTY, HOSTILE, MEANS, Hostile, Means
from tests.gateway.work import Work, counted

PAGE = (
    "{ quotes(first: 20) { edges { cursor node { id title author likes likedByMe createdAt } }"
    " pageInfo { hasNextPage endCursor } } }"
)
MOST = 100  # times the page
Costs = Callable[[Hostile], tuple[Work, dict[str, Any]]]


@pytest.fixture(params=[True, False], ids=["compiled", "interpreted"])
def costs(
    request: pytest.FixtureRequest, settings: Settings, world: FakeWorld, client: Client
) -> Costs:
    """Answer a function that sends a request, and answers its work and the body of the response."""
    settings.GRAPHQL_COMPILED = request.param
    world.add_user(1)
    world.add_quotes(100, created_by=1)

    def send(body: Hostile) -> tuple[Work, dict[str, Any]]:
        documents.forget()
        with counted(world) as work:
            sent = json.dumps(body, separators=(",", ":"))
            response = client.post("/graphql", sent, "application/json")
        assert response.status_code in {200, 400, 413}
        return work, json.loads(response.content)

    send({"query": PAGE})  # imports what is imported late
    return send


def _hold(work: Work, page: Work, body: dict[str, Any]) -> None:
    assert work.calls <= MOST * page.calls
    assert work.rows <= MOST * page.rows
    errors = body.get("errors", [])
    assert len(errors) <= MAX_ERRORS + 1
    assert all(len(error["message"]) <= MAX_MESSAGE for error in errors)
    assert len(json.dumps(errors)) <= 100_000
    assert all(len(name) <= MAX_WORD for name in _names(body.get("data")))
    assert "INTERNAL" not in codes(body)


def _names(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
    for inner in (
        data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    ):
        yield from _names(inner)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_request_costs_at_most_a_hundred_pages(costs: Costs, kind: str) -> None:
    page, _ = costs({"query": PAGE})
    work, body = costs(HOSTILE[kind])
    _hold(work, page, body)


@settings(any_input, max_examples=25)
@given(means=MEANS)
def test_any_hostile_request_costs_at_most_a_hundred_pages(costs: Costs, means: Means) -> None:
    page, _ = costs({"query": PAGE})
    work, body = costs(means.request())
    _hold(work, page, body)


def test_lines_are_counted_once_whatever_the_number_of_errors(costs: Costs) -> None:
    lines = 20_000

    def work_of(errors: int) -> int:
        names = " ".join(f"u{each}" for each in range(errors))
        few, _ = costs({"query": f"{{ quotes {{ nodes {{ {names} }} }} }}"})
        many, body = costs({"query": "\n" * lines + f"{{ quotes {{ nodes {{ {names} }} }} }}"})
        assert {error["locations"][0]["line"] for error in body["errors"]} == {lines + 1}
        return many.calls - few.calls

    assert work_of(20) <= 2 * work_of(1)


def test_errors_of_a_page_are_told_up_to_a_limit_and_then_as_one(costs: Costs) -> None:
    _, body = costs({"query": f"{{ quotes(first: 100) {{ nodes {{ {EMPTY} }} }} }}"})
    assert codes(body) == ["BAD_USER_INPUT"] * MAX_ERRORS
    twice = f"nodes {{ {EMPTY} }} edges {{ node {{ {EMPTY} }} }}"
    _, body = costs({"query": f"{{ quotes(first: 100) {{ {twice} }} }}"})
    assert codes(body) == ["BAD_USER_INPUT"] * MAX_ERRORS + ["LIMIT_EXCEEDED"]
    assert body["errors"][-1]["extensions"]["limit"] == MAX_ERRORS
    assert body["data"]["quotes"]["edges"][99] == {"node": {"likedBy": None}}


def test_errors_of_a_document_are_told_up_to_a_limit_and_then_as_one(costs: Costs) -> None:
    def codes_of(number: int) -> list[str]:
        unknown = " ".join(f"u{each}" for each in range(number))
        return codes(costs({"query": f"{{ quotes {{ nodes {{ {unknown} }} }} }}"})[1])

    wrong = ["GRAPHQL_VALIDATION_FAILED"] * MAX_DOCUMENT_ERRORS
    assert codes_of(MAX_DOCUMENT_ERRORS) == wrong
    assert codes_of(MAX_DOCUMENT_ERRORS + 1) == [*wrong, "LIMIT_EXCEEDED"]


def test_an_error_tells_line_and_column_in_lines_of_all_kinds(costs: Costs) -> None:
    _, body = costs({"query": '{\r\n  quotes { nodes { id } }\r  nope\n quote(id: "é") { nope } }'})
    assert [error["locations"] for error in body["errors"]] == [
        [{"line": 3, "column": 3}],
        [{"line": 4, "column": 19}],
    ]


def test_an_error_tells_each_of_its_places(costs: Costs) -> None:
    _, body = costs({"query": "{\n quotes { nodes { a: id\n a: title } } }"})
    assert body["errors"][0]["locations"] == [{"line": 2, "column": 19}, {"line": 3, "column": 2}]


@pytest.mark.parametrize(
    "text",
    [
        "{ quotes(first: LONG) { nodes { id } } }",
        "{ quote(id: LONG) { id } }",
        "{ quotes(first: -LONG) { nodes { id } } }",
        "query ($n: Int = LONG) { quotes(first: $n) { nodes { id } } }",
        "{ quotes(first: LONG.0) { nodes { id } } }",
    ],
)
@pytest.mark.parametrize("digits", [100, 5_000])
def test_a_number_of_whatever_length_is_the_callers_fault(
    costs: Costs, text: str, digits: int
) -> None:
    _, body = costs({"query": text.replace("LONG", "9" * digits)})
    assert "INTERNAL" not in codes(body)
    if digits > MAX_WORD:
        assert codes(body) == ["LIMIT_EXCEEDED"]


def test_what_introspection_tells_of_wrapped_types_is_no_fault(costs: Costs) -> None:
    _, body = costs({"query": "{ __schema { types { fields { type { kind isOneOf } } } } }"})
    assert "errors" not in body
