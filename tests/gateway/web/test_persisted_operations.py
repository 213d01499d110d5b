"""Operations by their hash: those that are allowed, and those that clients register."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from gateway.kept import Kept
from gateway.web import persisted_operations
from tests.gateway.fake_world import FakeWorld
from tools import page_operations

QUERY = "{ __typename }"
Send = Callable[..., tuple[int, dict[str, Any]]]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(monkeypatch: pytest.MonkeyPatch, most_bytes: int) -> None:
    monkeypatch.setattr(persisted_operations, "_registered", Kept(most_bytes=most_bytes))


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch, world: FakeWorld) -> None:
    _keep(monkeypatch, persisted_operations.MAX_REGISTERED_BYTES)
    persisted_operations._known.cache_clear()


@pytest.fixture
def send(client: Client) -> Send:
    def post(key: object = None, **body: Any) -> tuple[int, dict[str, Any]]:
        if key is not None:
            body["extensions"] = {"persistedQuery": {"version": 1, "sha256Hash": key}}
        response = client.post("/graphql", json.dumps(body), content_type="application/json")
        return response.status_code, response.json()

    return post


def code(answer: tuple[int, dict[str, Any]]) -> str:
    return str(answer[1]["errors"][0]["extensions"]["code"])


def test_a_hash_that_is_not_known_is_asked_for_and_known_from_then_on(send: Send) -> None:
    status, body = send(sha256(QUERY))
    assert (status, body["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
    assert body["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert send(sha256(QUERY), query=QUERY) == (200, {"data": {"__typename": "Query"}})
    assert send(sha256(QUERY)) == (200, {"data": {"__typename": "Query"}})


def test_a_registered_query_may_be_asked_by_get(send: Send, client: Client) -> None:
    send(sha256(QUERY), query=QUERY)
    extensions = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY)}})
    response = client.get("/graphql", {"extensions": extensions})
    assert response.json() == {"data": {"__typename": "Query"}}


def test_a_document_of_another_hash_is_refused_and_not_registered(send: Send) -> None:
    assert code(send(sha256("other"), query=QUERY)) == "BAD_REQUEST"
    assert code(send(sha256("other"))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("key", ["", 5, [], {}])
def test_what_is_no_hash_is_refused(send: Send, key: object) -> None:
    assert send(key)[0] == 400


def test_registered_documents_are_bounded_and_the_least_used_is_forgotten(
    send: Send, settings: Settings
) -> None:
    settings.AUTOMATIC_PERSISTED_QUERIES = 2
    first, second, third = (f"{{ {name}: __typename }}" for name in "abc")
    send(sha256(first), query=first)
    send(sha256(second), query=second)
    send(sha256(first))
    send(sha256(third), query=third)
    assert "data" in send(sha256(first))[1]
    assert code(send(sha256(second))) == "PERSISTED_QUERY_NOT_FOUND"


def test_registered_documents_are_bounded_in_bytes(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep(monkeypatch, 100_000)
    # An emoji makes each character of a text in Python take four bytes.
    large = [f"{{ a{number}: __typename }} # {'x' * 10_000} 👩" for number in range(5)]
    for text in large:
        assert "data" in send(sha256(text), query=text)[1]
    known = ["data" in send(sha256(text))[1] for text in large]
    assert known == [False, False, False, True, True]


@pytest.mark.parametrize("form", ["map", "manifest", "folder"])
def test_with_only_allowed_operations_no_other_is_executed(
    send: Send, settings: Settings, tmp_path: Path, form: str
) -> None:
    place = tmp_path / "operations"
    key = sha256(QUERY)
    if form == "folder":
        place.mkdir()
        (place / "typename.graphql").write_text(QUERY)
    elif form == "map":
        place.write_text(json.dumps({key: QUERY}))
    else:
        operations = [{"id": key, "name": "T", "type": "query", "body": QUERY}]
        place.write_text(json.dumps({"version": 1, "operations": operations}))
    settings.PERSISTED_OPERATIONS, settings.PERSISTED_OPERATIONS_ONLY = str(place), True
    assert send(key) == (200, {"data": {"__typename": "Query"}})
    assert send(query=QUERY) == (200, {"data": {"__typename": "Query"}})
    other = "{ me { id } }"
    assert code(send(query=other)) == "PERSISTED_QUERY_REQUIRED"
    assert code(send(sha256(other))) == "PERSISTED_QUERY_NOT_FOUND"
    assert code(send(sha256(other), query=other)) == "PERSISTED_QUERY_NOT_FOUND"


def test_operations_that_can_not_be_read_are_said(settings: Settings, tmp_path: Path) -> None:
    settings.PERSISTED_OPERATIONS = str(tmp_path / "missing.json")
    with pytest.raises(ImproperlyConfigured, match=r"missing\.json"):
        persisted_operations.document(QUERY, None)


def test_the_page_goes_on_where_nothing_else_is_executed(
    send: Send, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "mine.graphql").write_text("{ me { id } }")
    settings.PERSISTED_OPERATIONS, settings.PERSISTED_OPERATIONS_ONLY = str(tmp_path), True
    manifest = json.loads(persisted_operations.PAGE_OPERATIONS.read_text())
    assert {each["name"] for each in manifest["operations"]} >= {"List", "Like", "LogIn"}
    for operation in manifest["operations"]:
        _, body = send(query=operation["body"])
        # Missing variables are found out only once it is to be executed.
        if operation["type"] != "subscription" and "$" in operation["body"]:
            assert body["errors"][0]["message"].startswith("Variable '$")

    _, refused = send(query=QUERY)
    assert refused["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_REQUIRED"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_manifest_of_the_page_is_what_the_page_asks() -> None:
    written = json.loads(persisted_operations.PAGE_OPERATIONS.read_text())
    assert written == page_operations.manifest(), (
        "run: python -m tools.page_operations > gateway/web/page_operations.json"
    )
