"""What neither JSON nor PostgreSQL can hold is refused at the door."""

import json

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from rest.errors import InvalidRequest
from rest.text import refuse_unstorable, storable
from web.texts import LONGEST, normal_form


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"5",
        b'{"text": "a\\u0000b"}',
        b'{"text": "\\ud83d"}',
        b'{"text": "\\ude00\\ud83d"}',
        b'{"text": "\xed\xa0\xbd"}',
        b'{"text": "\xff"}',
        b'{"text": NaN}',
        b'{"text": "a", "b": [{"c": "\\u0000"}]}',
        b'{"\\u0000": 1, "text": "a"}',
        b"[" * 100_000,
        b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    ],
)
def test_a_body_that_can_not_be_read_or_stored_is_a_bad_request(
    client: Client, body: bytes
) -> None:
    response = client.post("/notes", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


def test_characters_beyond_the_first_plane_are_welcome(client: Client) -> None:
    body = b'{"text": "\\ud83d\\ude00"}'
    assert client.post("/notes", body, content_type="application/json").json() == "😀"


def test_text_comes_in_as_one_normal_form(client: Client) -> None:
    body = '{"text": "Cafe\u0301"}'.encode()
    assert client.post("/notes", body, content_type="application/json").json() == "Caf\xe9"


def test_what_is_too_long_for_any_field_is_left_as_it_is() -> None:
    marks = "a" + "\u0301\u0323" * LONGEST  # minutes, were they a megabyte
    assert normal_form(marks) == marks
    assert normal_form("e\u0301" * (LONGEST // 2)) == "\xe9" * (LONGEST // 2)


@pytest.mark.parametrize(
    "query", ["text=%ff", "unknown=%C3", "%ff=1", "text=%ED%A0%BD", "text=\xff"]
)
def test_a_query_string_of_broken_utf_8_is_a_bad_request(client: Client, query: str) -> None:
    response = client.generic("GET", "/things", QUERY_STRING=query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("query", ["unknown=%C3%A9", "unknown=%EF%BF%BD", "unknown=\xc3\xa9"])
def test_any_other_query_string_is_welcome(client: Client, query: str) -> None:
    assert client.generic("GET", "/things", QUERY_STRING=query).status_code == 200


def test_nul_in_the_query_string_is_a_bad_request(client: Client) -> None:
    for query in ("id=1%00", "%00=1", "unknown=a%00b"):
        assert client.get(f"/things?{query}").json()["code"] == "invalid_request"


@given(st.text(alphabet=st.characters(exclude_categories=())))
@example("\ud83d")
@example("\x00")
def test_text_is_storable_if_and_only_if_utf_8_holds_it_without_nul(text: str) -> None:
    surrogate = any("\ud800" <= character <= "\udfff" for character in text)
    assert storable(text) is not (surrogate or "\x00" in text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_nul_is_found_wherever_it_is(value: object) -> None:
    if "\\u0000" in json.dumps(value).replace("\\\\", ""):
        with pytest.raises(InvalidRequest):
            refuse_unstorable(value)
    else:
        refuse_unstorable(value)
