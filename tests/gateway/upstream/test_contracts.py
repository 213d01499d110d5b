"""The gateway reads the example answers that the services' own tests produce."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from gateway.errors import Refusal
from gateway.schema.quote_lists import MAX_SEARCH
from gateway.upstream import shapes
from gateway.upstream.services import Services
from tests.gateway.fake_service import Answer
from tests.gateway.fake_world import FakeWorld

CONTRACTS = Path(__file__).parents[2] / "contracts" / "rest"
# Likes' replicas, and what the services know of each other, the gateway never reads.
UNREAD = {
    *(
        CONTRACTS / "likes" / f"{name}.json"
        for name in ("list_accounts", "list_quotes", "read_quote")
    ),
    *CONTRACTS.glob("*/read_known*.json"),
}
EXAMPLES = sorted(set(CONTRACTS.glob("*/*.json")) - UNREAD)


# What the gateway reads each kind of answer as.
SHAPES: dict[str, Any] = {
    "quotes": {
        "create_quote": shapes.QuoteShape,
        "delete_quote": shapes.QuoteShape,
        "update_quote": shapes.QuoteShape,
        "read_quote": shapes.QuoteShape,
        "read_quote_with_applied_events": shapes.CountedQuoteShape,
        "list_quotes": shapes.QuotesShape,
        "list_no_quotes": shapes.QuotesShape,
        "list_users": shapes.UsersShape,
        "read_user": shapes.UserShape,
        "read_own_user": shapes.UserShape,
        "log_in": shapes.LoginShape,
        "refresh": shapes.LoginShape,
        "list_sessions": shapes.SessionsShape,
        "end_session": shapes.EndedShape,
        "end_current_session": shapes.EndedShape,
        "change_password": shapes.TokenShape,
        "change_email": shapes.UserShape,
        "delete_account": shapes.UserShape,
        "register": shapes.RegistrationShape,
    },
    "likes": {
        "like_quote": shapes.ChangedLikeShape,
        "unlike_quote": shapes.ChangedLikeShape,
        "list_likes": shapes.LikesShape,
        "list_no_likes": shapes.LikesShape,
        "list_likes_per_quote": shapes.LikesShape,
    },
}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_each_example_is_an_answer_or_a_refusal_to_the_client(world: FakeWorld, file: Path) -> None:
    example = json.loads(file.read_text())
    service = getattr(world, file.parent.name)
    service.misbehave(Answer(example["status"], example["body"]))
    if example["status"] < 400:
        read = Services().get(file.parent.name, "/x", SHAPES[file.parent.name][file.stem])
        # Whatever the gateway reads of it is there as the service has written it.
        assert _is_part_of(msgspec.to_builtins(read), example["body"])
    elif example["status"] < 500:
        with pytest.raises(Refusal) as caught:
            Services().get(file.parent.name, "/x", shapes.ChangedLikeShape)
        assert caught.value.code.lower() == example["body"]["code"]
        assert [problem.code.lower() for problem in caught.value.problems] == [
            error["code"] for error in example["body"]["errors"]
        ]


def test_the_gateway_and_the_page_search_by_as_long_a_text_as_quotes_takes(client: Client) -> None:
    example = json.loads((CONTRACTS / "quotes" / "search_too_long.json").read_text())
    too_long = len(example["path"].partition("=")[2])
    assert too_long - 1 == MAX_SEARCH
    field = re.search(r'<input type="search"[^>]* maxlength="(\d+)"', client.get("/").text)
    assert field is not None
    assert int(field[1]) == MAX_SEARCH


def _is_part_of(read: Any, written: Any) -> bool:
    if isinstance(read, dict):
        return all(_is_part_of(value, written.get(name)) for name, value in read.items())
    if isinstance(read, list) and written is not None:
        return len(read) == len(written) and all(map(_is_part_of, read, written))
    if written is None:  # a default of ours stands for what isn't there
        return read in ([], None)
    return bool(read == written) or _moment(read) == _moment(written) is not None


def _moment(value: Any) -> datetime | None:
    """Answer the time that a text is, which may be written in several ways."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
