"""Whatever is put in at any place: no 5xx, and what is stored is read back in NFC."""

import json
from typing import Any
from unicodedata import normalize
from urllib.parse import quote as escaped
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quotes_service.models import AUTHOR_MAX, User
from tests.any_text import TEXTS, VALUES, any_input
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api

pytestmark = pytest.mark.django_db
METHODS = {
    "/quotes/{}": ["GET", "PATCH", "PUT", "DELETE"],
    "/users/{}": ["GET"],
    "/{}": ["GET", "POST"],
}
FILTERS = ["search", "created_by", "author", "created_after", "created_before"]
PLACE = ["limit", "after", "before", "backwards", "order"]
PARAMETERS = {
    "/quotes": [*FILTERS, *PLACE, "id", "creators", "per_creator"],
    "/quotes/total": FILTERS,
    "/quotes/totals": ["creators"],
    "/users": ["id", "limit", "after", "username"],
}
# Half surrogates can't be in an address or a header, neither percent-encoded nor raw.
WRITABLE = TEXTS.filter(lambda text: not any("\ud800" <= each <= "\udfff" for each in text))
# Without the four separators that are space to Python, and not to Unicode's White_Space.
STORABLE = WRITABLE.filter(
    lambda text: (
        len(normalize("NFC", text)) <= AUTHOR_MAX and not set(text) & set("\0\x1c\x1d\x1e\x1f")
    )
)
# What HTTP lets a header hold, RFC 9110 section 5.5; a server refuses the others before us.
HEADERS = WRITABLE.map(lambda text: "".join(each for each in text if each not in "\r\n\0"))


@any_input
@given(text=WRITABLE, path=st.sampled_from(sorted(METHODS)), body=VALUES)
def test_any_path_is_answered(api: Api, ann: User, text: str, path: str, body: Any) -> None:
    for method in METHODS[path]:
        sent = None if method == "GET" else {"title": body}
        response = as_user(ann)(method, path.format(escaped(text, safe="")), sent)
        assert response.status < 500


@any_input
@given(data=st.data(), path=st.sampled_from(sorted(PARAMETERS)))
def test_any_parameters_are_answered(api: Api, ann: User, path: str, data: st.DataObject) -> None:
    names = st.sampled_from([*PARAMETERS[path], "after_events"])
    parameters = data.draw(st.dictionaries(names, WRITABLE | st.integers(), max_size=3))
    response = as_user(ann)("GET", f"{path}?{urlencode(parameters)}")
    assert response.status in {200, 400, 422}


@any_input
@given(text=WRITABLE)
def test_any_events_asked_for_are_answered(ann: User, text: str) -> None:
    quote_id = as_user(ann)("POST", "/quotes", {"title": "x"}).body["id"]
    asked = urlencode({"after_events": text})
    assert as_user(ann)("GET", f"/quotes/{quote_id}?{asked}").status in {200, 400, 422}


@any_input
@given(key=HEADERS, token=HEADERS)
def test_any_headers_are_answered(api: Api, ann: User, key: str, token: str) -> None:
    headers = {"Idempotency-Key": key}
    assert as_user(ann)("POST", "/quotes", {"title": "x"}, headers).status in {201, 422}
    assert api("POST", "/quotes", {"title": "x"}, {"Authorization": token}).status in {400, 401}
    bearer = {"Authorization": f"Bearer {token}"}
    assert api("GET", "/users", headers=bearer).status in {200, 401}


@any_input
@given(title=STORABLE.filter(str.strip), author=st.none() | STORABLE)
@example(title="\uf900", author="e\u0301")
def test_any_quote_is_read_back_in_nfc(ann: User, title: str, author: str | None) -> None:
    created = as_user(ann)("POST", "/quotes", {"title": title, "author": author})
    assert created.status == 201
    sent: dict[str, str | None] = {"title": normalize("NFC", title).strip()}
    sent["author"] = normalize("NFC", author or "").strip() or None
    for read in (created.body, as_user(ann)("GET", f"/quotes/{created.body['id']}").body):
        assert {name: read[name] for name in sent} == sent


@any_input
@given(values=st.fixed_dictionaries({"username": VALUES, "password": VALUES, "email": VALUES}))
def test_any_account_is_answered(api: Api, values: dict[str, Any]) -> None:
    body = json.dumps(values).encode()
    response = api("POST", "/users", body)
    assert response.status in {201, 400, 422}
    if response.status == 201:
        assert (
            api("GET", f"/users/{response.body['id']}").body["username"]
            == response.body["username"]
        )
    assert api("POST", "/tokens", body).status in {201, 400, 401, 422, 429}
