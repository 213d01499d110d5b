"""Pages of `likedBy` over any likers: each once, in order, with exact page information."""

from hypothesis import given
from hypothesis import strategies as st

from tests.any_text import any_input
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, quote_id, user_id

QUERY = """
query($first: Int, $after: String) { quotes { nodes { id likedBy(first: $first, after: $after) {
  edges { cursor node { id } } nodes { id }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} } } }
"""


@any_input
@given(
    likers=st.lists(st.tuples(st.integers(1, 2), st.integers(1, 30)), unique=True, max_size=25),
    gone=st.sets(st.integers(1, 30), max_size=5),
    size=st.integers(1, 7),
    followed=st.integers(1, 2),
)
def test_any_pages_of_likers_hold_each_once(
    world: FakeWorld,
    ask: GraphQL,
    likers: list[tuple[int, int]],
    gone: set[int],
    size: int,
    followed: int,
) -> None:
    world.rows.clear()
    world.users.clear()
    world.add_quotes(2)
    for user in range(1, 31):
        if user not in gone:
            world.add_user(user)
    world.liked = likers
    expected = [user for quote, user in reversed(likers) if quote == followed]
    seen: list[str] = []
    after: str | None = None
    for start in range(0, max(1, len(expected)), size):
        body = ask(QUERY, {"first": size, "after": after})
        assert "errors" not in body
        [page] = [
            node["likedBy"]
            for node in body["data"]["quotes"]["nodes"]
            if node["id"] == quote_id(followed)
        ]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        seen += [node["id"] for node in page["nodes"]]
        info = page["pageInfo"]
        assert info["hasPreviousPage"] == (start > 0)
        assert info["hasNextPage"] == (start + size < len(expected))
        after = info["endCursor"]
    assert seen == [user_id(user) for user in expected if user not in gone]
