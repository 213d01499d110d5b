"""The gateway reads the example answers that the services' own tests produce."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.accounts import read_user
from gateway.clients import Services
from gateway.errors import Refusal
from gateway.paging import page_info
from gateway.quotes import read_quote
from tests.gateway.fakes import Answer, FakeWorld

CONTRACTS = Path(__file__).parents[1] / "contracts" / "rest"
EXAMPLES = sorted(CONTRACTS.glob("*/*.json"))


def _body(name: str) -> Any:
    return json.loads((CONTRACTS / name).read_text())["body"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_each_example_is_an_answer_or_a_refusal_to_the_client(world: FakeWorld, file: Path) -> None:
    example = json.loads(file.read_text())
    service = getattr(world, file.parent.name)
    service.misbehave(Answer(example["status"], example["body"]))
    if example["status"] < 400:
        assert Services().get(file.parent.name, "/x") == example["body"]
    elif example["status"] < 500:
        with pytest.raises(Refusal) as caught:
            Services().get(file.parent.name, "/x")
        assert caught.value.code == example["body"]["code"]
        assert [problem.code for problem in caught.value.problems] == [
            error["code"] for error in example["body"]["errors"]
        ]


@pytest.mark.parametrize("name", ["create_quote", "delete_quote"])
def test_a_quote_is_read_as_quotes_writes_it(name: str) -> None:
    body = _body(f"quotes/{name}.json")
    quote = read_quote(body)
    assert (quote.id, quote.title, quote.likes) == (str(body["id"]), body["title"], body["likes"])
    assert quote.created_at.isoformat().replace("+00:00", "Z") == body["created_at"]


def test_a_page_is_read_as_quotes_writes_it() -> None:
    body = _body("quotes/list_quotes.json")
    assert [read_quote(item).number for item in body["items"]] == [7]
    assert page_info(body).end_cursor == body["items"][-1]["cursor"]


def test_users_are_read_as_quotes_writes_them() -> None:
    for item in _body("quotes/list_users.json")["items"]:
        assert read_user(item).username == item["username"]
    assert read_user(_body("quotes/log_in.json")["user"]).username == "ann"
