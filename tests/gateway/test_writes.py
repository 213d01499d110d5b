"""Reading one's own writes: the header `After-Writes`, which a client hands back."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.writes import KEPT, MOST, Writes
from tests.gateway.fake_service import Answer, Call
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes

Token = Callable[[int], str]
LIKE = 'mutation { %s(input: {quoteId: "1"}) { ... on Quote { likes } } }'
PAGE = "{ quotes { nodes { likes } } }"
HEADER = "After-Writes"


@pytest.fixture
def like(world: FakeWorld, ask: GraphQL, token: Token) -> Callable[..., str]:
    """Answer a function that likes the first quote, and answers what the response names."""
    world.add_quotes(2)

    def send(mutation: str = "likeQuote", **headers: str) -> str:
        response = ask.response(LIKE % mutation, token=token(1), headers=headers)
        return str(response.headers[HEADER])

    return send


@pytest.fixture
def read(ask: GraphQL) -> Callable[[str], tuple[list[int], str | None]]:
    """Answer a function that reads the page after writes: the counts, and what is on its way."""

    def send(names: str) -> tuple[list[int], str | None]:
        response = ask.response(PAGE, headers={HEADER: names})
        nodes = response.json()["data"]["quotes"]["nodes"]
        return [node["likes"] for node in nodes], response.headers.get(HEADER)

    return send


Like = Callable[..., str]
Read = Callable[[str], tuple[list[int], str | None]]


def test_a_like_is_counted_in_the_next_request_that_names_it(like: Like, read: Read) -> None:
    names = like()
    assert read(names) == ([0, 1], names)


def test_it_is_counted_once_and_forgotten_when_it_has_arrived(
    world: FakeWorld, like: Like, read: Read
) -> None:
    names = like()
    world.rows[1]["likes"], world.applied = 1, {"e0"}
    assert read(names) == ([0, 1], "")


def test_a_like_that_has_arrived_already_is_named_no_more(world: FakeWorld, like: Like) -> None:
    world.applied = {"e0"}
    assert like() == ""


def test_a_like_taken_back_counts_as_neither(like: Like, read: Read) -> None:
    first = like()
    both = like("unlikeQuote", **{HEADER: first})
    assert set(first.split(", ")) < set(both.split(", "))
    assert read(both) == ([0, 0], both)


def test_an_unlike_counted_before_its_like_makes_no_next_like_count_twice(
    world: FakeWorld, like: Like, read: Read
) -> None:
    names = like("likeQuote", **{HEADER: like("unlikeQuote", **{HEADER: like()})})
    world.rows[1]["likes"], world.applied = -1, {"e1"}  # the first like waits for a retry
    assert read(names)[0] == [0, 1]


def test_what_an_older_quotes_shows_is_added_to(world: FakeWorld, like: Like, read: Read) -> None:
    usual = world.quotes.answer

    def older(call: Call) -> Answer:
        answer = usual(call)
        for row in [answer.document, *answer.document.get("items", ())]:
            row.pop("stored_likes", None)
        return answer

    world.quotes.answer = older
    assert read(like())[0] == [0, 1]


def test_what_is_not_looked_at_stays_named_and_costs_no_call(
    world: FakeWorld, ask: GraphQL, like: Like
) -> None:
    names = like()
    world.quotes.calls.clear()
    response = ask.response('{ quote(id: "2") { likes } }', headers={HEADER: names})
    assert response.headers[HEADER] == names
    assert world.quotes.paths() == ["GET /quotes/2"]


def test_whoever_names_nothing_is_told_nothing_and_costs_no_call(
    world: FakeWorld, ask: GraphQL, like: Like
) -> None:
    like()
    world.quotes.calls.clear()
    assert HEADER not in ask.response(PAGE).headers
    assert world.quotes.paths() == ["GET /quotes"]


@pytest.mark.parametrize(
    "document", ['{ quote(id: "1") { likes } }', '{ node(id: "UXVvdGU6MQ==") { ...F } }', PAGE]
)
def test_every_way_to_a_quote_counts_it(ask: GraphQL, like: Like, document: str) -> None:
    fragment = " fragment F on Quote { likes }" if "...F" in document else ""
    body = ask(document + fragment, headers={HEADER: like()})
    assert '"likes": 1' in str(body).replace("'", '"')


def test_a_like_whose_quote_could_not_be_read_is_named_all_the_same(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    usual = world.quotes.answer
    world.quotes.answer = lambda call: Answer(500) if call.path == "/quotes/1" else usual(call)
    response = ask.response(LIKE % "likeQuote", token=token(1))
    assert codes(response.json()) == ["UPSTREAM_UNAVAILABLE"]
    assert response.headers[HEADER].startswith("1.+1.")


def test_where_quotes_does_not_say_what_counts_hold_they_are_as_read_and_no_writes_are_named(
    world: FakeWorld, like: Like, read: Read
) -> None:
    names = like()
    usual = world.quotes.answer

    def no_events(call: Any) -> Answer:
        return Answer(500) if "after_events" in call.params else usual(call)

    world.quotes.answer = no_events
    assert read(names) == ([0, 0], None)


@pytest.mark.parametrize(
    "names", ["x", "1.+1.e0", "1.+2..e0.1", "0.+1..e0.1", "1.+1..e 0.1", f"{'9' * 30}.+1..e0.1"]
)
def test_what_no_response_has_named_is_a_bad_request(
    world: FakeWorld, ask: GraphQL, names: str
) -> None:
    response = ask.response(PAGE, headers={HEADER: names})
    assert (response.status_code, codes(response.json())) == (400, ["BAD_REQUEST"])
    assert world.calls() == []


def test_names_that_are_old_or_too_many_are_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_800_000_000
    monkeypatch.setattr("gateway.writes.time.time", lambda: now)
    old = now - int(KEPT.total_seconds())
    assert Writes(f"1.+1..a.{old}, 1.+1..b.{old + 1}").header == f"1.+1..b.{old + 1}"
    many = Writes(", ".join(f"1.+1.7.e{number}.{now}" for number in range(MOST + 1)))
    assert len(many.of([1])) == len(str(many.header).split(", ")) == MOST
    assert many.of([1])[0].asked == "e1:7"
