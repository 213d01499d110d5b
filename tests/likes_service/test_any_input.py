"""Whatever is put in at any place, Likes answers it, and not with a 5xx."""

from typing import Any
from urllib.parse import quote as escaped
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.any_text import TEXTS, VALUES, any_input
from tests.rest_api import Api
from tests.signed_tokens import token_of

pytestmark = pytest.mark.django_db
PARAMETERS = {
    "/likes": ["quote", "user", "per_quote", "limit", "after", "before", "backwards"],
    "/likes/counts": ["quote"],
    "/quotes": ["limit", "after", "before", "backwards"],
}
WRITABLE = TEXTS.filter(lambda text: not any("\ud800" <= each <= "\udfff" for each in text))


@any_input
@given(text=WRITABLE)
def test_any_path_is_answered(text: str) -> None:
    path = escaped(text, safe="")
    user = Api(token_of(1))
    assert user("GET", f"/quotes/{path}").status < 500
    # Quotes is asked about a quote that is not known here, and doesn't answer in these tests.
    like = user("POST", f"/quotes/{path}/like")
    assert like.status < 500 or like.code == "upstream_unavailable"
    assert user("DELETE", f"/quotes/{path}/like").status < 500


@any_input
@given(data=st.data(), path=st.sampled_from(sorted(PARAMETERS)))
def test_any_parameters_are_answered(path: str, data: st.DataObject) -> None:
    names = st.sampled_from([*PARAMETERS[path], "other"])
    parameters = data.draw(st.dictionaries(names, WRITABLE | st.integers(), max_size=3))
    assert Api()("GET", f"{path}?{urlencode(parameters)}").status in {200, 400, 422}


@any_input
@given(quotes=VALUES | st.lists(st.integers() | TEXTS, max_size=3))
def test_any_quotes_to_count_are_answered(quotes: Any) -> None:
    response = Api(token_of(1, staff=True))("POST", "/likes/counts", body={"quotes": quotes})
    assert response.status in {202, 400, 422}
