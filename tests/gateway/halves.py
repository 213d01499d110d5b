"""A page of both services, and what is left of it without either."""

from typing import Any

from tests.gateway.graphql import codes, quote_id

PAGE = (
    "{ quotes { nodes { id likedByMe likedBy { nodes { id } } createdBy { username } } }"
    " me { username } }"
)


def assert_only_likes_is_missing(body: dict[str, Any], code: str) -> None:
    """Check that all that Likes serves is null, with that code, and that all else stands."""
    assert body["data"] == {
        "quotes": {
            "nodes": [
                {
                    "id": quote_id(number),
                    "likedByMe": None,
                    "likedBy": None,
                    "createdBy": {"username": "user1"},
                }
                for number in (3, 2, 1)
            ]
        },
        "me": {"username": "user1"},
    }
    assert codes(body) == [code] * 6
    assert "10.0.0.7" not in str(body)
    assert {error["extensions"]["service"] for error in body["errors"]} == {"likes"}
    assert body["errors"][0]["path"] == ["quotes", "nodes", 0, "likedByMe"]


def assert_only_quotes_is_missing(body: dict[str, Any], code: str) -> None:
    """Check that all is null that Quotes serves, with that code."""
    assert body["data"] == {"quotes": None, "me": None}
    assert codes(body) == [code] * 2
    assert {error["extensions"]["service"] for error in body["errors"]} == {"quotes"}
