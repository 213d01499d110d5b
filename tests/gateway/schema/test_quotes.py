"""Reading and writing quotes through GraphQL."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.fake_service import problem
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes, messages, quote_id

INFO = "... on OperationInfo { messages { kind field code message } }"
CREATE = (
    "mutation($input: CreateQuoteInput!) { createQuote(input: $input) {"
    " __typename ... on Quote { id title author likes likedByMe } " + INFO + " } }"
)


def test_a_page_has_the_quotes_their_cursors_and_its_place(world: FakeWorld, ask: GraphQL) -> None:
    world.add_quotes(3)
    body = ask(
        "{ quotes(first: 2) { edges { cursor node { id title author likes createdAt } }"
        " nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )
    page = body["data"]["quotes"]
    assert [edge["node"]["title"] for edge in page["edges"]] == ["Quote 3", "Quote 2"]
    assert page["edges"][0]["cursor"] == "c3"
    assert page["edges"][0]["node"]["createdAt"] == "2026-11-25T04:38:40.123456Z"
    assert page["nodes"] == [{"id": quote_id(3)}, {"id": quote_id(2)}]
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": "c3",
        "endCursor": "c2",
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", {"limit": "20", "order": "newest"}),
        ("(first: null, after: null, last: null, before: null, search: null, orderBy: null)",
         {"limit": "20", "order": "newest"}),
        ('(first: 100, after: "c9")', {"limit": "100", "order": "newest", "after": "c9"}),
        ("(last: 5)", {"limit": "5", "order": "newest", "backwards": "true"}),
        ('(last: 5, before: "c9", orderBy: OLDEST)',
         {"limit": "5", "order": "oldest", "backwards": "true", "before": "c9"}),
        ('(before: "c9")',
         {"limit": "20", "order": "newest", "backwards": "true", "before": "c9"}),
        ('(search: "a b&c=d,é", orderBy: MOST_LIKED)',
         {"limit": "20", "order": "most_liked", "search": "a b&c=d,é"}),
        ('(search: "Cafe\u0301")', {"limit": "20", "order": "newest", "search": "Caf\xe9"}),
        ('(search: "' + "e\u0301" * 200 + '")',
         {"limit": "20", "order": "newest", "search": "\xe9" * 200}),
    ],
)  # fmt: skip
def test_arguments_reach_quotes_as_they_are_meant(
    world: FakeWorld, ask: GraphQL, arguments: str, expected: dict[str, str]
) -> None:
    body = ask(f"{{ quotes{arguments} {{ nodes {{ id }} }} }}")
    assert "errors" not in body
    assert world.quotes.calls[-1].params == expected


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 1, last: 1", "BAD_USER_INPUT"),
        ("first: 0", "BAD_USER_INPUT"),
        ("first: -1", "BAD_USER_INPUT"),
        ("first: 101", "BAD_USER_INPUT"),
        ("last: 0", "BAD_USER_INPUT"),
        ("last: -5", "BAD_USER_INPUT"),
        ("last: 10000", "BAD_USER_INPUT"),
        ('after: ""', "INVALID_CURSOR"),
        ('after: "x"', "INVALID_CURSOR"),
        ('after: "\\u0000"', "INVALID_CURSOR"),
        ('before: "é"', "INVALID_CURSOR"),
        (f'before: "{"c" * 600}"', "INVALID_CURSOR"),
        ('search: "a\\u0000b"', "BAD_USER_INPUT"),
        (f'search: "{"x" * 201}"', "BAD_USER_INPUT"),
    ],
)
def test_arguments_that_make_no_page_get_a_clear_error_and_the_rest_stands(
    world: FakeWorld, ask: GraphQL, arguments: str, code: str
) -> None:
    world.add_quotes(1)
    body = ask(f'{{ quotes({arguments}) {{ nodes {{ id }} }} quote(id: "1") {{ id }} }}')
    assert body["data"] == {"quotes": None, "quote": {"id": quote_id(1)}}
    assert codes(body) == [code]
    assert body["errors"][0]["path"] == ["quotes"]


@pytest.mark.parametrize(
    "id",
    ["", "!!", "Quote:abc", "0", "-1", " 1", "1e3", "1.0", "01", "\u0661", "9223372036854775808",
     "9" * 40, "1/../2", "1?x=1", "a\u0000b", "UXVvdGU6MQ", "UXVvdGU6MQ== ", "UXVvdGU6MA==",
     "UXVvdGU6MDE=", "UXVvdGU=", "UXVvdGU6OTIyMzM3MjAzNjg1NDc3NTgwOA==", "=" * 200],
)  # fmt: skip
def test_an_id_that_nothing_has_is_null_or_not_found_and_no_service_is_asked(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str], id: str
) -> None:
    world.add_quotes(1)
    body = ask("query($id: ID!) { quote(id: $id) { id } }", {"id": id})
    assert body == {"data": {"quote": None}}
    for name, field, type_ in (
        ("likeQuote", "quoteId", "LikeQuoteInput"),
        ("unlikeQuote", "quoteId", "LikeQuoteInput"),
        ("deleteQuote", "id", "DeleteQuoteInput"),
        ("updateQuote", "id", "UpdateQuoteInput"),
    ):
        body = ask(
            f"mutation($input: {type_}!) {{ {name}(input: $input) {{ {INFO} }} }}",
            {"input": {field: id}},
            token=token(1),
        )
        assert messages(body["data"][name]) == [(None, "NOT_FOUND")]
    assert world.calls() == []


def test_a_quote_that_is_not_there_is_null(world: FakeWorld, ask: GraphQL) -> None:
    assert ask('{ quote(id: "5") { id } }') == {"data": {"quote": None}}


def test_a_quote_is_written_changed_and_deleted(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    body = ask(CREATE, {"input": {"title": "T", "author": "A"}}, token=token(1))
    assert body["data"]["createQuote"] == {
        "__typename": "Quote",
        "id": quote_id(1),
        "title": "T",
        "author": "A",
        "likes": 0,
        "likedByMe": False,
    }
    body = ask(
        'mutation { updateQuote(input: {id: "1", author: null}) { ... on Quote { author } } }',
        token=token(1),
    )
    assert body["data"]["updateQuote"] == {"author": None}
    assert world.quotes.calls[-1].payload == {"author": None}
    body = ask(
        'mutation { deleteQuote(input: {id: "1"}) { ... on Quote { id title } } }',
        token=token(1),
    )
    assert body["data"]["deleteQuote"] == {"id": quote_id(1), "title": "Quote 1"}
    assert world.rows == {}


def test_what_was_not_given_is_not_sent(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    ask(CREATE, {"input": {"title": "T"}}, token=token(1))
    assert [c.payload for c in world.quotes.calls if c.method == "POST"] == [{"title": "T"}]


def test_the_idempotency_key_is_passed_on(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    ask(CREATE, {"input": {"title": "T", "idempotencyKey": "k-1"}}, token=token(1))
    posted = next(call for call in world.quotes.calls if call.method == "POST")
    assert posted.headers["idempotency-key"] == "k-1"


@pytest.mark.parametrize("key", ["a b", "é", "a\r\nX-Evil: 1", "k" * 256, "\u0000"])
def test_an_idempotency_key_that_no_header_can_carry_is_refused(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str], key: str
) -> None:
    body = ask(CREATE, {"input": {"title": "T", "idempotencyKey": key}}, token=token(1))
    assert messages(body["data"]["createQuote"]) == [("idempotencyKey", "INVALID")]
    assert world.calls() == []


def test_each_field_error_of_a_service_is_a_message_of_its_own(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    world.quotes.misbehave(
        problem(
            422,
            "validation_error",
            errors=[
                ("title", "too_long", "must have at most 500 characters"),
                ("author", "too_long", "100 % of them"),
                ("created_by", "invalid", "no"),
                ("email", "required", "is required"),
                ("email", "blank", "must not be blank"),
                ("email", "too_large", "must be at most 5"),
            ],
        )
    )
    body = ask(CREATE, {"input": {"title": "x" * 501, "author": "y" * 101}}, token=token(1))
    result = body["data"]["createQuote"]
    assert messages(result) == [
        ("title", "TOO_LONG"),
        ("author", "TOO_LONG"),
        ("createdBy", "INVALID"),
        ("email", "REQUIRED"),
        ("email", "BLANK"),
        ("email", "TOO_LARGE"),
    ]
    assert {message["kind"] for message in result["messages"]} == {"VALIDATION"}
    told = [message["message"] for message in result["messages"]]
    assert told[:2] == ["Must have at most 500 characters.", "100 % of them."]
    assert "errors" not in body


@pytest.mark.parametrize(
    ("status", "code", "kind", "field"),
    [
        (400, "invalid_request", "VALIDATION", None),
        (401, "not_authenticated", "PERMISSION", None),
        (401, "invalid_token", "PERMISSION", None),
        (401, "invalid_credentials", "PERMISSION", None),
        (403, "permission_denied", "PERMISSION", None),
        (404, "not_found", "ERROR", None),
        (404, "not_liked", "ERROR", None),
        (409, "already_liked", "ERROR", None),
        (412, "conflict", "ERROR", None),
        (413, "too_large", "VALIDATION", None),
        (422, "validation_error", "VALIDATION", None),
        (429, "rate_limited", "ERROR", None),
        (422, "idempotency_key_reused", "VALIDATION", "idempotencyKey"),
    ],
)
def test_a_refusal_of_a_service_is_data_with_its_own_code(
    world: FakeWorld,
    ask: GraphQL,
    token: Callable[[int], str],
    status: int,
    code: str,
    kind: str,
    field: str | None,
) -> None:
    world.quotes.misbehave(problem(status, code, "Because."))
    body = ask(CREATE, {"input": {"title": "T"}}, token=token(1))
    assert body["data"]["createQuote"]["messages"] == [
        {"kind": kind, "field": field, "code": code.upper(), "message": "Because."}
    ]


@pytest.mark.parametrize("text", ["a\u0000b", "\u0000"])
def test_text_that_no_database_holds_is_refused_and_no_service_is_asked(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str], text: str
) -> None:
    for values in ({"title": text}, {"title": "T", "author": text}):
        body = ask(CREATE, {"input": values}, token=token(1))
        assert body["data"] == {"createQuote": None}
        assert codes(body) == ["BAD_USER_INPUT"]
    assert world.calls() == []


@pytest.mark.parametrize(
    "text", ["שלום", "👩‍👩‍👧‍👦", "\xe9" * 50, "q\u0301", "\u202e", "a\nb", "'; --", "{{7*7}}"]
)
def test_any_other_text_comes_through_untouched(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str], text: str
) -> None:
    body = ask(CREATE, {"input": {"title": text}}, token=token(1))
    assert body["data"]["createQuote"]["title"] == text


def test_text_comes_in_as_one_normal_form(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    body = ask(CREATE, {"input": {"title": "e\u0301" * 50}}, token=token(1))
    assert body["data"]["createQuote"]["title"] == "\xe9" * 50


def _mutations() -> list[Any]:
    return [
        ("createQuote", "CreateQuoteInput", {"title": "T"}),
        ("updateQuote", "UpdateQuoteInput", {"id": "1"}),
        ("deleteQuote", "DeleteQuoteInput", {"id": "1"}),
        ("likeQuote", "LikeQuoteInput", {"quoteId": "1"}),
        ("unlikeQuote", "LikeQuoteInput", {"quoteId": "1"}),
    ]


@pytest.mark.parametrize(("name", "type_", "values"), _mutations())
def test_nobody_writes_without_a_token(
    world: FakeWorld, ask: GraphQL, name: str, type_: str, values: dict[str, str]
) -> None:
    world.add_quotes(1)
    body = ask(
        f"mutation($input: {type_}!) {{ {name}(input: $input) {{ {INFO} }} }}", {"input": values}
    )
    [message] = body["data"][name]["messages"]
    assert (message["kind"], message["code"]) == ("PERMISSION", "NOT_AUTHENTICATED")
    assert world.calls() == []


def test_a_quote_leads_to_itself_where_a_mutation_answers_it(
    world: FakeWorld, ask: GraphQL, token: Callable[[int], str]
) -> None:
    query = CREATE.replace("... on Quote {", "... on Quote { quote { id }")
    body = ask(query, {"input": {"title": "T"}}, token=token(1))
    assert body["data"]["createQuote"]["quote"] == {"id": quote_id(1)}
    body = ask(query, {"input": {"title": "T"}})  # nobody is logged in
    assert "quote" not in body["data"]["createQuote"]
