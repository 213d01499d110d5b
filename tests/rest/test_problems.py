"""Every error is a problem document with a stable code, and tells no secrets."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from rest.problem_responses import title_of


def problem(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert set(document) == {"type", "title", "status", "detail", "code", "errors"}
    assert document["status"] == response.status_code
    assert "secret" not in response.content.decode()
    return document


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/raise/conflict", 409, "already_liked"),
        ("/raise/unavailable", 503, "upstream_unavailable"),
        ("/raise/fault", 500, "internal"),
        ("/raise/database", 503, "upstream_unavailable"),
        ("/raise/django", 404, "not_found"),
        ("/plain/fault", 500, "internal"),
        ("/plain/problem", 404, "not_found"),
        ("/plain/suspicious", 400, "invalid_request"),
        ("/nothing", 404, "not_found"),
        ("/things?limit=0", 422, "validation_error"),
        ("/notes", 405, "method_not_allowed"),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_each_error_has_its_status_and_code(
    client: Client, settings: Settings, path: str, status: int, code: str, debug: bool
) -> None:
    settings.DEBUG = debug
    document = problem(client.get(path))
    assert (document["status"], document["code"]) == (status, code)


def test_a_body_that_ends_too_soon_is_a_bad_request(client: Client) -> None:
    class CutOff:
        def read(self, *size: int) -> bytes:
            raise OSError("a secret")

        readline = read

    cut_off: Any = {"wsgi.input": CutOff(), "CONTENT_LENGTH": "10"}
    response = client.post("/notes", content_type="application/json", **cut_off)
    assert problem(response)["code"] == "invalid_request"


def test_headers_that_belong_to_an_error_are_kept(client: Client) -> None:
    assert client.get("/raise/unavailable").headers["Retry-After"] == "3"
    assert client.get("/notes").headers["Allow"] == "POST"
    assert client.get("/closed").headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"text": "  "}, "blank"),
        ({"text": "abcdef"}, "too_long"),
        ({"text": 5}, "invalid"),
        ({"text": None}, "invalid"),
    ],
)
def test_each_field_that_is_wrong_is_named_with_a_code(
    client: Client, body: object, code: str
) -> None:
    document = problem(client.post("/notes", body, content_type="application/json"))
    assert document["code"] == "validation_error"
    (error,) = document["errors"]
    assert (error["field"], error["code"]) == ("text", code)
    assert error["message"] in document["detail"]


def test_text_is_trimmed(client: Client) -> None:
    body = {"text": "  abcde\n"}
    assert client.post("/notes", body, content_type="application/json").json() == "abcde"


def test_times_are_answered_to_the_microsecond(client: Client) -> None:
    assert client.get("/moment").json() == {"at": "2026-11-25T04:38:40.123456Z"}


@pytest.mark.parametrize(
    ("status", "title"),
    [(404, "Not Found"), (413, "Request Entity Too Large"), (422, "Unprocessable Entity")],
)
def test_a_title_is_the_same_on_every_python(
    status: int, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for renamed in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY):
        monkeypatch.setattr(renamed, "phrase", "as Python 3.13 has it", raising=False)
    assert title_of(status) == title
