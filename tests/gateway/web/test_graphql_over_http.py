"""GraphQL over HTTP: what is accepted, what is refused, and with which status."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from gateway.web import graphql_over_http
from gateway.web.graphql_over_http import encode
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes, quote_id

NEW = "application/graphql-response+json"
OLD = "application/json"


def _post(client: Client, body: bytes | str, content_type: str = OLD, **headers: str) -> Any:
    return client.generic("POST", "/graphql", body, content_type, headers=headers)


@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
def test_both_spellings_of_the_address_answer(client: Client, path: str) -> None:
    response = client.post(path, {"query": "{ __typename }"}, OLD)
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, OLD),
        ("*/*", OLD),
        (OLD, OLD),
        (NEW, NEW),
        (f"{NEW}, {OLD};q=0.9", NEW),
        (f"{NEW};q=0.5, {OLD}", OLD),
        (f"{NEW}; charset=utf-8, {OLD}", NEW),
        ("image/png", OLD),
        (f"{NEW};q=x", OLD),
    ],
)
def test_the_preferred_media_type_is_answered(
    client: Client, accept: str | None, expected: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    response = _post(client, b'{"query": "{ __typename }"}', **headers)
    assert response["Content-Type"] == f"{expected}; charset=utf-8"
    assert "Accept" in response["Vary"]


def test_a_long_accept_header_is_read_and_not_kept(client: Client) -> None:
    before = graphql_over_http._kept_preference.cache_info().currsize
    response = _post(client, b'{"query": "{ __typename }"}', Accept=f"text/{'x' * 400_000}, {NEW}")
    assert response["Content-Type"] == f"{NEW}; charset=utf-8"
    assert graphql_over_http._kept_preference.cache_info().currsize == before


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { quotes(first: $n) { __typename } }", {"n": "x"}, "BAD_USER_INPUT"),
        ("query($n: Int!) { quotes(first: $n) { __typename } }", {"n": 2**31}, "BAD_USER_INPUT"),
        ("query($n: Int!) { quotes(first: $n) { __typename } }", {}, "BAD_USER_INPUT"),
        ("query($n: Int) { me { id } }", {"n": 1}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ quotes(first: $n) { __typename } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_a_request_that_cannot_be_executed_has_the_status_of_its_media_type_and_no_data(
    client: Client, query: str, variables: Any, code: str
) -> None:
    body = json.dumps({"query": query, "variables": variables})
    for accept, status in ((OLD, 200), (NEW, 400)):
        response = _post(client, body, Accept=accept)
        assert response.status_code == status
        assert "data" not in response.json()
        assert codes(response.json()) == [code]


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"query", b'"str"', b"5", b"null", b"[]", b"[1]", b"true", b"{}",
        b'[{"query": "{ __typename }"}]',
        b'{"query": null}', b'{"query": 5}', b'{"query": ""}', b'{"query": {}}', b'{"query": []}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "extensions": 5}',
        b'{"query": "{ __typename }", "operationName": 5}',
        b'{"query": "{ __typename }", "operationName": "Other"}',
        b'{"query": "query A { __typename } query B { __typename }"}',
        b'{"query": "fragment F on Query { __typename }"}',
        b'{"query": "\xff"}', b"\x00", b"[" * 5_000, b'{"query": NaN}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_graphql_request_is_a_400_in_json(client: Client, body: bytes) -> None:
    response = _post(client, body)
    assert response.status_code == 400
    assert codes(response.json())[0] in {"BAD_REQUEST", "BAD_USER_INPUT"}
    assert "data" not in response.json()


def test_no_body_at_all_is_a_400_and_one_of_no_length_a_411(client: Client) -> None:
    def post(**more: Any) -> Any:
        return client.generic("POST", "/graphql", CONTENT_TYPE=OLD, **more)

    response = post(CONTENT_LENGTH="0")
    assert (response.status_code, codes(response.json())) == (400, ["BAD_REQUEST"])
    for response in (post(), post(headers={"Transfer-Encoding": "chunked"})):
        assert (response.status_code, codes(response.json())) == (411, ["BAD_REQUEST"])
        assert "Content-Length" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"\xef\xbb\xbf{}", 400, "byte-order mark"),
        ("{}".encode("utf-16"), 415, "UTF-16"),
        ("{}".encode("utf-16-be"), 415, "UTF-16"),
        (b"\x1f\x8b\x08\x00", 415, "gzip"),
    ],
)
def test_a_body_says_what_it_is(client: Client, body: bytes, status: int, named: str) -> None:
    response = _post(client, body)
    assert (response.status_code, codes(response.json())) == (status, ["BAD_REQUEST"])
    assert named in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_compressed_body_is_a_415(client: Client, encoding: str) -> None:
    response = _post(client, b"{}", **{"Content-Encoding": encoding})
    assert (response.status_code, codes(response.json())) == (415, ["BAD_REQUEST"])


def test_variables_in_an_address_are_called_no_body(client: Client) -> None:
    response = client.get("/graphql", {"query": "{ __typename }", "variables": "\ufeff{}"})
    assert response.status_code == 400
    assert "byte-order" not in response.json()["errors"][0]["message"]


def test_half_of_a_surrogate_pair_is_a_400(client: Client, world: FakeWorld) -> None:
    for body in (
        rb'{"query": "mutation($t: String!) { createQuote(input: {title: $t}) { __typename } }",'
        rb' "variables": {"t": "\ud83d"}}',
        rb'{"query": "{ quotes(search: \"\ud83d\") { __typename } }"}',
    ):
        response = _post(client, body)
        assert response.status_code == 400
        assert codes(response.json()) == ["BAD_USER_INPUT"]
    assert world.calls() == []


@pytest.mark.parametrize("accept", [OLD, NEW, "*/*"])
@pytest.mark.parametrize(
    "query", ["\\u0000", "{ me { id } } # \\u0000", '{ quote(id: \\"\\u0000\\") { id } }']
)
def test_a_nul_in_the_document_is_a_400(client: Client, query: str, accept: str) -> None:
    response = _post(client, f'{{"query": "{query}"}}', Accept=accept)
    assert (response.status_code, codes(response.json())) == (400, ["BAD_REQUEST"])
    assert "NUL" in response.json()["errors"][0]["message"]


def test_broken_utf_8_in_a_get_is_a_400(client: Client, world: FakeWorld) -> None:
    for query in (
        "query=%7Bquotes(search:%22%ff%22)%7B__typename%7D%7D",
        'query={quotes(search:"\xff"){__typename}}',
        "query=%7B__typename%7D&variables=%7B%22a%22:%22%C3%22%7D",
        "query=%7B__typename%7D&operationName=%ED%A0%BD",
    ):
        response = client.generic("GET", "/graphql", QUERY_STRING=query)
        assert (response.status_code, codes(response.json())) == (400, ["BAD_REQUEST"])
    assert world.calls() == []
    whole = "query=%7Bquotes(search:%22%C3%A9%22)%7B__typename%7D%7D"
    assert client.generic("GET", "/graphql", QUERY_STRING=whole).status_code == 200
    assert world.quotes.calls[-1].params["search"] == "é"


def test_null_parameters_are_as_good_as_none(client: Client) -> None:
    body = b'{"query": "{ __typename }", "variables": null, "operationName": null,'
    body += b' "extensions": null}'
    assert _post(client, body).json() == {"data": {"__typename": "Query"}}


def test_the_named_operation_is_executed(client: Client) -> None:
    body = b'{"query": "query A { a: __typename } query B { b: __typename }",'
    assert _post(client, body + b' "operationName": "B"}').json() == {"data": {"b": "Query"}}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
     "application/json; charset=utf-16", "application/jsonp", "text/plain; application/json"],
)  # fmt: skip
def test_what_a_foreign_page_can_send_unasked_is_never_executed(
    client: Client, world: FakeWorld, content_type: str
) -> None:
    query = 'mutation { createQuote(input: {title: "T"}) { __typename } }'
    for body in (json.dumps({"query": query}), urlencode({"query": query})):
        response = _post(client, body, content_type, Cookie="sessionid=x")
        assert response.status_code == 415
        assert codes(response.json()) == ["BAD_REQUEST"]
    assert world.calls() == []


def test_a_query_may_come_by_get(client: Client, world: FakeWorld) -> None:
    world.add_quotes(1)
    response = client.get(
        "/graphql",
        {
            "query": "query Q($id: ID!) { quote(id: $id) { id } }",
            "variables": '{"id": "1"}',
            "operationName": "Q",
            "extensions": "{}",
        },
    )
    assert response.json() == {"data": {"quote": {"id": quote_id(1)}}}


@pytest.mark.parametrize("accept", [OLD, NEW])
def test_a_mutation_by_get_is_a_405(client: Client, world: FakeWorld, accept: str) -> None:
    response = client.get(
        "/graphql",
        {"query": 'mutation { login(input: {username: "a", password: "b"}) { __typename } }'},
        headers={"Accept": accept},
    )
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert codes(response.json()) == ["METHOD_NOT_ALLOWED"]
    assert world.calls() == []


@pytest.mark.parametrize("parameters", [{}, {"query": ""}, {"query": "{a}", "variables": "{"}])
def test_a_get_without_a_request_is_a_400(client: Client, parameters: dict[str, str]) -> None:
    assert client.get("/graphql", parameters).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_other_methods_are_a_405(client: Client, method: str) -> None:
    response = client.generic(method, "/graphql", b"{}", OLD)
    assert response.status_code == 405
    assert response["Allow"] == "GET, POST"


def test_a_body_over_the_limit_is_a_413(client: Client) -> None:
    query = "{ __typename } #" + "x" * 1_000_000
    response = _post(client, json.dumps({"query": query}))
    assert response.status_code == 413
    assert codes(response.json()) == ["LIMIT_EXCEEDED"]


def test_a_query_by_get_over_the_limit_is_a_413(client: Client) -> None:
    response = client.get("/graphql", {"query": "{ __typename } #" + "x" * 100_000})
    assert response.status_code == 413
    assert codes(response.json()) == ["LIMIT_EXCEEDED"]


def test_an_error_that_quotes_broken_unicode_can_be_answered() -> None:
    body = {"errors": [{"message": "Unexpected \ud83d."}]}
    assert json.loads(encode(body)) == body


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "http://allowed.example:81"],
)
def test_an_origin_that_is_not_named_is_told_nothing(
    client: Client, settings: Settings, origin: str
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["http://allowed.example"]
    headers = {"Origin": origin, "Cookie": "sessionid=x", "Accept": OLD}
    for response in (
        _post(client, b'{"query": "{ __typename }"}', **headers),
        client.options("/graphql", headers=headers | {"Access-Control-Request-Method": "POST"}),
    ):
        assert "Access-Control-Allow-Origin" not in response
        assert "Access-Control-Allow-Credentials" not in response
        assert "origin" in response["Vary"].lower()


def test_a_named_origin_is_let_in_without_credentials(client: Client, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["http://allowed.example"]
    headers = {
        "Origin": "http://allowed.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = client.options("/graphql", headers=headers)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "http://allowed.example"
    assert "authorization" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    assert "origin" in response["Vary"].lower()


def test_a_page_of_a_named_origin_can_read_the_trace_and_when_to_ask_again(
    client: Client, settings: Settings
) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["http://allowed.example"]
    response = _post(client, b'{"query": "{ __typename }"}', Origin="http://allowed.example")
    exposed = response["Access-Control-Expose-Headers"].lower().replace(" ", "").split(",")
    assert set(exposed) == {"traceparent", "retry-after", "after-writes"}


def test_answers_are_not_kept_by_anything_in_between(ask: GraphQL) -> None:
    response = ask.response("{ __typename }")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_subscription_is_refused(ask: GraphQL) -> None:
    body = ask("subscription { quoteChanged { cursor } }")
    assert codes(body) == ["BAD_REQUEST"]
    assert "8003" in body["errors"][0]["message"]  # where they are served


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b"])
def test_a_host_that_is_not_ours_is_not_served(client: Client, world: FakeWorld, host: str) -> None:
    response = _post(client, b'{"query": "{ quotes { __typename } }"}', Host=host)
    assert (response.status_code, codes(response.json())) == (400, ["BAD_REQUEST"])
    assert client.get("/", headers={"Host": host}).status_code == 400
    assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert world.calls() == []


def test_a_body_that_is_too_large_is_read_before_it_is_refused() -> None:
    """Or a proxy, which is still sending it, finds a broken connection and no answer."""
    request = RequestFactory().post("/graphql", b" " * 200_000, content_type="application/json")
    with pytest.raises(graphql_over_http.BadRequest) as refused:
        graphql_over_http.parse_request(request)
    assert refused.value.status == 413
    assert request.read() == b""
