"""Bodies that are not JSON in UTF-8, and HEAD, at a REST API."""

from typing import Any

import pytest
from django.test import Client

BODY = b'{"text": "a"}'


def post(
    client: Client, body: bytes = BODY, content_type: str = "application/json", **more: Any
) -> Any:
    return client.generic("POST", "/notes", body, content_type, **more)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf8"'],
)
def test_json_in_utf_8_is_welcome(client: Client, content_type: str) -> None:
    assert post(client, content_type=content_type).json() == "a"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "application/jsonx",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
    ],
)
def test_what_is_declared_as_anything_else_is_not_read(client: Client, content_type: str) -> None:
    response = post(client, content_type=content_type)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "identity, gzip"])
def test_what_is_compressed_is_not_read(client: Client, encoding: str) -> None:
    response = post(client, headers={"Content-Encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert post(client, headers={"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"\xef\xbb\xbf" + BODY, 400, "byte-order mark"),
        (BODY.decode().encode("utf-16"), 415, "UTF-16"),
        (b"\x1f\x8b\x08", 415, "gzip"),
    ],
)
def test_a_body_says_what_it_is(client: Client, body: bytes, status: int, named: str) -> None:
    response = post(client, body)
    assert (response.status_code, named in response.json()["detail"]) == (status, True)


@pytest.mark.parametrize("path", ["/notes", "/things/1/touch"])
def test_a_body_that_comes_in_pieces_is_asked_for_its_length(client: Client, path: str) -> None:
    response = client.generic("POST", path, headers={"Transfer-Encoding": "chunked"})
    assert (response.status_code, response.json()["code"]) == (411, "length_required")


def test_a_body_of_no_length_is_asked_for_it(client: Client) -> None:
    """As HTTP/2 may have it: the server says nothing of it at all."""
    response = client.generic("POST", "/notes")
    assert (response.status_code, response.json()["code"]) == (411, "length_required")
    response = client.generic("POST", "/notes", CONTENT_LENGTH="0")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


def test_what_takes_no_body_needs_no_length(client: Client) -> None:
    assert client.generic("POST", "/things/1/touch").json() == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [("/things", 200), ("/things/1", 200), ("/nothing", 404), ("/closed", 401), ("/docs", 200)],
)
def test_head_is_answered_as_get_without_its_content(
    client: Client, path: str, status: int
) -> None:
    got, head = client.get(path), client.head(path)
    assert (got.status_code, head.status_code) == (status, status)
    assert head.content == b""
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(client: Client) -> None:
    response = client.delete("/things")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    response = client.head("/notes")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
