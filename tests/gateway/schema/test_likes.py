"""Liking, and how many calls it costs to tell who likes what."""

from collections.abc import Callable

import pytest

from tests.gateway.fake_service import Answer, Call, problem
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, codes, messages, quote_id, user_id

Token = Callable[[int], str]

LIKE = (
    "mutation($id: ID!) { likeQuote(input: {quoteId: $id}) { __typename"
    " ... on Quote { id likes likedByMe }"
    " ... on OperationInfo { messages { field code } } } }"
)
PAGE = (
    "query($n: Int!) { quotes(first: $n) { nodes { id likedByMe createdBy { username }"
    " likedBy(first: 3) { nodes { username } pageInfo { hasNextPage } } } } }"
)


@pytest.mark.parametrize("is_applied", [False, True])
def test_a_like_is_counted_once_whether_or_not_its_event_was_applied(
    world: FakeWorld, ask: GraphQL, token: Token, is_applied: bool
) -> None:
    world.add_quotes(1)
    if is_applied:
        world.applied = {"e0"}
        world.rows[1]["likes"] = 1
    body = ask(LIKE, {"id": "1"}, token=token(1))
    expected = {"id": quote_id(1), "likes": 1, "likedByMe": True}
    assert body["data"]["likeQuote"] == {"__typename": "Quote", **expected}


def test_the_answer_counts_exactly_those_events_that_quotes_has_not(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    world.rows[1]["likes"] = 10
    world.pending = [("like-1", 1), ("unlike-1", -1)]  # both by this user, before this like
    world.applied = {"like-1"}
    body = ask(LIKE, {"id": "1"}, token=token(1))
    assert body["data"]["likeQuote"]["likes"] == 10


def test_the_count_is_never_below_zero(world: FakeWorld, ask: GraphQL, token: Token) -> None:
    world.add_quotes(1)
    body = ask(LIKE.replace("likeQuote", "unlikeQuote"), {"id": "1"}, token=token(1))
    assert body["data"]["unlikeQuote"] == {
        "__typename": "Quote",
        "id": quote_id(1),
        "likes": 0,
        "likedByMe": False,
    }


def test_a_like_costs_one_call_to_each_service(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    ask(LIKE, {"id": "1"}, token=token(1))
    assert world.calls() == ["GET /quotes/1", "POST /quotes/1/like"]


def test_liking_twice_in_one_request_tells_the_second_what_is_so_then(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    body = ask(
        'mutation { a: likeQuote(input: {quoteId: "1"}) { ...F }'
        ' b: unlikeQuote(input: {quoteId: "1"}) { ...F } }'
        " fragment F on Quote { likedByMe likes }",
        token=token(1),
    )
    assert body["data"]["a"] == {"likedByMe": True, "likes": 1}
    assert body["data"]["b"] == {"likedByMe": False, "likes": 0}


def test_what_was_read_before_a_write_is_read_anew_after_it(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_user(1)
    world.add_quotes(1, created_by=1)
    usual = world.likes.answer

    def like(call: Call) -> Answer:
        if call.method == "POST":
            world.liked.append((1, 1))
            world.users[1]["username"] = "renamed"
        return usual(call)

    world.likes.answer = like
    fields = "{ ... on Quote { createdBy { username } likedBy { nodes { username } } } }"
    body = ask(
        f'mutation {{ a: updateQuote(input: {{id: "1", title: "T"}}) {fields}'
        f' b: likeQuote(input: {{quoteId: "1"}}) {fields} }}',
        token=token(1),
    )
    assert body["data"]["a"] == {
        "createdBy": {"username": "user1"},
        "likedBy": {"nodes": []},
    }
    renamed = {"username": "renamed"}
    assert body["data"]["b"] == {"createdBy": renamed, "likedBy": {"nodes": [renamed]}}


@pytest.mark.parametrize(
    ("status", "code"), [(409, "already_liked"), (404, "not_found"), (404, "not_liked")]
)
def test_a_like_that_likes_refuses_is_data(
    world: FakeWorld, ask: GraphQL, token: Token, status: int, code: str
) -> None:
    world.likes.misbehave(problem(status, code))
    body = ask(LIKE, {"id": "1"}, token=token(1))
    assert messages(body["data"]["likeQuote"]) == [(None, code.upper())]
    assert world.quotes.paths() == []


def test_a_quote_deleted_just_after_the_like_is_not_found(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    usual = world.likes.answer

    def like_and_delete(call: Call) -> Answer:
        answer = usual(call)
        world.rows.clear()
        return answer

    world.likes.answer = like_and_delete
    assert messages(ask(LIKE, {"id": "1"}, token=token(1))["data"]["likeQuote"]) == [
        (None, "NOT_FOUND")
    ]


@pytest.mark.parametrize("size", [1, 10, 100])
def test_a_page_costs_the_same_calls_whatever_its_size(
    world: FakeWorld, ask: GraphQL, token: Token, size: int
) -> None:
    world.add_user(1)
    for user in range(2, 6):
        world.add_user(user)
    world.add_quotes(size, created_by=1)
    world.liked = [(quote, user) for quote in world.rows for user in range(2, 6)]
    body = ask(PAGE, {"n": size}, token=token(1))
    nodes = body["data"]["quotes"]["nodes"]
    assert len(nodes) == size
    assert all(node["createdBy"] == {"username": "user1"} for node in nodes)
    assert all(
        [user["username"] for user in node["likedBy"]["nodes"]] == ["user5", "user4", "user3"]
        for node in nodes
    )
    assert all(node["likedBy"]["pageInfo"] == {"hasNextPage": True} for node in nodes)
    assert world.calls() == ["GET /quotes", "GET /users", "GET /users", "GET /likes", "GET /likes"]


def test_a_page_with_more_likers_than_one_call_takes_tells_them_all(
    world: FakeWorld, ask: GraphQL
) -> None:
    world.add_quotes(50)
    for user in range(1, 151):
        world.add_user(user)
        world.liked.append((1 + user % 50, user))
    body = ask("{ quotes(first: 50) { nodes { likedBy(first: 3) { nodes { id } } } } }")
    told = [user["id"] for n in body["data"]["quotes"]["nodes"] for user in n["likedBy"]["nodes"]]
    assert sorted(told) == sorted(map(user_id, range(1, 151)))
    assert world.quotes.paths() == ["GET /quotes", "GET /users", "GET /users"]


def test_two_pages_of_likers_of_one_quote_have_each_its_own_size(
    world: FakeWorld, ask: GraphQL
) -> None:
    world.add_quotes(1)
    for user in (1, 2, 3):
        world.add_user(user)
        world.liked.append((1, user))
    body = ask(
        '{ quote(id: "1") { a: likedBy(first: 1) { nodes { id } }'
        " b: likedBy(first: 3) { nodes { id } } } }"
    )
    quote = body["data"]["quote"]
    assert quote["a"]["nodes"] == [{"id": user_id(3)}]
    assert quote["b"]["nodes"] == [{"id": user_id(each)} for each in (3, 2, 1)]


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ("id likes", ["GET /quotes"]),
        ("likedByMe", ["GET /quotes", "GET /likes"]),
        ("createdBy { id }", ["GET /quotes", "GET /users"]),
        ("likedByMe createdBy { id }", ["GET /quotes", "GET /users", "GET /likes"]),
        ("likedBy(first: 3) { nodes { id } }", ["GET /quotes", "GET /users", "GET /likes"]),
    ],
)
def test_a_page_costs_one_call_and_one_more_for_each_thing_asked_elsewhere(
    world: FakeWorld, ask: GraphQL, token: Token, fields: str, calls: list[str]
) -> None:
    world.add_user(1)
    world.add_quotes(100, created_by=1)
    world.liked = [(7, 1), (9, 1)]
    body = ask(f"{{ quotes(first: 100) {{ nodes {{ {fields} }} }} }}", token=token(1))
    assert "errors" not in body
    assert world.calls() == calls


def test_liked_by_me_is_told_for_each_quote_and_null_for_nobody(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(3)
    world.liked = [(2, 1), (3, 9)]
    query = "{ quotes { nodes { id likedByMe } } }"
    mine = ask(query, token=token(1))["data"]["quotes"]["nodes"]
    assert [node["likedByMe"] for node in mine] == [False, True, False]
    nobodys = ask(query)["data"]["quotes"]["nodes"]
    assert [node["likedByMe"] for node in nobodys] == [None, None, None]


def test_a_second_reader_sees_what_changed_and_only_what_is_theirs(
    world: FakeWorld, ask: GraphQL, token: Token
) -> None:
    world.add_quotes(1)
    world.liked = [(1, 1)]
    query = '{ quote(id: "1") { title likedByMe } }'
    assert ask(query, token=token(1))["data"]["quote"] == {"title": "Quote 1", "likedByMe": True}
    world.rows[1]["title"] = "Changed"
    assert ask(query, token=token(2))["data"]["quote"] == {"title": "Changed", "likedByMe": False}


def test_who_likes_a_quote_is_told_page_by_page(world: FakeWorld, ask: GraphQL) -> None:
    world.add_quotes(1)
    for user in range(1, 6):
        world.add_user(user)
        world.liked.append((1, user))
    seen: list[str] = []
    after = None
    query = (
        'query($after: String) { quote(id: "1") { likedBy(first: 2, after: $after) {'
        " edges { cursor node { username } }"
        " pageInfo { hasNextPage hasPreviousPage endCursor } } } }"
    )
    for _ in range(3):
        page = ask(query, {"after": after})["data"]["quote"]["likedBy"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["node"]["username"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert seen == ["user5", "user4", "user3", "user2", "user1"]


def test_a_cursor_before_which_all_likes_are_gone_has_nothing_before_it(
    world: FakeWorld, ask: GraphQL
) -> None:
    world.add_quotes(2)
    for user in (1, 2):
        world.add_user(user)
    world.liked = [(1, 1), (2, 2)]  # their cursors are l1 and l2; a third like, l3, is gone
    query = """query($after: String) { quotes { nodes { id likedBy(after: $after) {
        nodes { id } pageInfo { hasPreviousPage } } } } }"""

    def pages(after: str | None) -> list[tuple[int, bool]]:
        nodes = ask(query, {"after": after})["data"]["quotes"]["nodes"]
        return [
            (len(node["likedBy"]["nodes"]), node["likedBy"]["pageInfo"]["hasPreviousPage"])
            for node in nodes
        ]

    assert pages(None) == [(1, False), (1, False)]
    assert pages("l3") == [(1, False), (1, False)]
    assert pages("l2") == [(0, True), (1, False)]
    assert pages("l1") == [(0, True), (0, True)]


def test_a_liker_whose_account_is_gone_is_left_out(world: FakeWorld, ask: GraphQL) -> None:
    world.add_quotes(1)
    world.add_user(2)
    world.liked = [(1, 2), (1, 3)]
    body = ask('{ quote(id: "1") { likedBy { nodes { id } } } }')
    assert body["data"]["quote"]["likedBy"]["nodes"] == [{"id": user_id(2)}]


@pytest.mark.parametrize("arguments", ["first: 0", "first: 101", "first: -1", 'after: "é"'])
def test_arguments_of_liked_by_are_checked_too(
    world: FakeWorld, ask: GraphQL, arguments: str
) -> None:
    world.add_quotes(1)
    body = ask(f'{{ quote(id: "1") {{ id likedBy({arguments}) {{ nodes {{ id }} }} }} }}')
    assert body["data"]["quote"] == {"id": quote_id(1), "likedBy": None}
    assert codes(body) in (["BAD_USER_INPUT"], ["INVALID_CURSOR"])
