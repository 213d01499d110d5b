"""The shorter way of executing answers what graphql-core's own does, whatever is asked."""

import enum
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLScalarType,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    parse,
    specified_rules,
    validate,
)
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.execution.compiled.execution import CompiledExecution
from gateway.execution.compiled.plans import Plans
from gateway.execution.documents import prepare
from gateway.schema.root import Schema
from gateway.schema.scalars import SCALARS, moment
from gateway.web.graphql_over_http import encode
from tests.gateway.fake_world import FakeWorld
from tests.gateway.graphql import GraphQL, quote_id
from tests.gateway.ways import compiled

WHEN = datetime(2026, 11, 25, tzinfo=UTC)


@strawberry.enum
class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf:
    """Every kind of leaf, and what they may hold instead of it."""

    text: str
    maybe_text: str | None
    number: int
    maybe_number: int | None
    share: float
    sure: bool
    id: strawberry.ID
    when: datetime
    maybe_when: datetime | None
    mood: Mood | None
    texts: list[str | None] | None
    numbers: list[list[int]] | None

    @strawberry.field
    def told(self, info: strawberry.Info) -> bool | None:
        return _raised(info.context["told"])

    @strawberry.field
    def told_surely(self, info: strawberry.Info) -> str:
        return _raised(f"{info.field_name} at {info.path.as_list()}")

    @strawberry.field
    def plain(self) -> int:
        return 7

    @strawberry.field
    def scaled(self, info: strawberry.Info, by: int = 2) -> int:
        return self.number * by

    @strawberry.field
    def named(self, *, info: strawberry.Info) -> str:
        return info.field_name

    @strawberry.field
    def late(self, by: int | None = 2, *, info: strawberry.Info) -> int:
        return by or len(info.field_name)


@strawberry.type
class Person(Named):
    leaf: Leaf


@strawberry.type
class Robot(Named):
    maybe: Leaf | None


@strawberry.type
class Query:
    leaf: Leaf
    maybe: Leaf | None
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    named: list[Named]
    either: Person | Robot | None
    rest: "Query | None" = None


SCHEMA = Schema(
    Query, types=[Person, Robot], config=StrawberryConfig(scalar_map=dict(SCALARS))
).graphql
# What a document declares and doesn't use makes no difference to its execution.
RULES = [
    rule for rule in specified_rules if rule not in {NoUnusedFragmentsRule, NoUnusedVariablesRule}
]
ODD: list[Any] = [
    None,
    ValueError("no"),
    2**31,
    -(2**31),
    1.5,
    float("nan"),
    "text",
    True,
    [],
    {},
    WHEN.astimezone(timezone(timedelta(hours=2))),
]


def _raised(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


@dataclass
class Chance:
    """Makes data of the schema's types, of which a share is not what it should be."""

    random: random.Random
    oddness: float

    def odd(self, value: Any) -> Any:
        return self.random.choice(ODD) if self.random.random() < self.oddness else value

    def leaf(self) -> Any:
        proper: dict[str, Any] = {
            "text": "t", "maybe_text": self.random.choice([None, "m"]), "number": 5,
            "maybe_number": self.random.choice([None, 3]), "share": 0.5, "sure": True,
            "id": strawberry.ID("i"), "when": WHEN, "maybe_when": None, "mood": Mood.GOOD,
            "texts": ["a", None], "numbers": [[1], []],
        }  # fmt: skip
        return Leaf(**{name: self.odd(value) for name, value in proper.items()})

    def leaves(self) -> list[Any]:
        return [self.odd(self.leaf()) for _ in range(self.random.randrange(4))]

    def named(self) -> Any:
        if self.random.random() < 0.5:
            return Person(name=self.odd("p"), leaf=self.odd(self.leaf()))
        return Robot(name=self.odd("r"), maybe=self.odd(self.leaf()))

    def query(self, depth: int = 2) -> Any:
        return Query(
            leaf=self.odd(self.leaf()),
            maybe=self.odd(self.leaf()),
            leaves=self.odd(self.leaves()),
            maybe_leaves=self.odd(self.leaves()),
            named=self.odd([self.named() for _ in range(2)]),
            either=self.odd(self.named()),
            rest=self.query(depth - 1) if depth else None,
        )


LEAVES = [
    "text", "maybeText", "number", "maybeNumber", "share", "sure", "id", "when", "maybeWhen",
    "mood", "texts", "numbers", "told", "toldSurely", "plain", "scaled", "scaled(by: 3)",
    "scaled(by: $by)", "__typename", "other: text", "same: text", "named", "late", "late(by: $by)",
]  # fmt: skip
CONDITIONS = ["", "", "", " @include(if: $yes)", " @skip(if: $yes)", " @skip(if: true)"]


def leaf_selections(directives: bool) -> st.SearchStrategy[str]:
    conditions = st.sampled_from(CONDITIONS if directives else [""])
    field = st.builds("{}{}".format, st.sampled_from(LEAVES), conditions)
    inline = st.builds("... on Leaf{} {{ {} }}".format, conditions, field)
    spread = st.builds("...F{}".format, conditions)
    return st.lists(st.one_of(field, inline, spread), min_size=1, max_size=8).map(" ".join)


@st.composite
def documents(draw: st.DrawFn) -> str:
    directives = draw(st.booleans())
    leaf = leaf_selections(directives)
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        template = draw(
            st.sampled_from(
                [
                    "leaf {{ {} }}", "maybe {{ {} }}", "leaves {{ {} }}", "maybeLeaves {{ {} }}",
                    "again: leaves {{ {} }}", "rest {{ leaves {{ {} }} __typename }}",
                    "rest {{ rest {{ maybe {{ {} }} }} }}",
                    "named {{ name __typename ... on Person {{ leaf {{ {} }} }} }}",
                    "either {{ ... on Robot {{ maybe {{ {} }} name }} ... on Named {{ name }} }}",
                ]
            )
        )  # fmt: skip
        parts.append(template.format(draw(leaf)))
    # A fragment of leaves that spreads no other
    fragment = " ".join(draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=4)))
    return (
        f"query Q($yes: Boolean!, $by: Int) {{ {' '.join(parts)} }}"
        f" fragment F on Leaf {{ {fragment} }}"
    )


# Each run of a document may have others; that of an argument may be null, or not given.
VARIABLES = st.fixed_dictionaries(
    {"yes": st.booleans()}, optional={"by": st.none() | st.integers(3, 9)}
)


def _executed(
    document: Any, root: Any, told: Any, variables: dict[str, Any], plans: Plans | None
) -> Any:
    """Execute with plans, or in graphql-core's own way without."""
    context = {"told": told}
    execution = (
        StrawberryGraphQLCoreExecutionContext.build(
            SCHEMA, document, root, context, raw_variable_values=variables
        )
        if plans is None
        else CompiledExecution.of_request(
            SCHEMA, document, plans=plans, context=context, variables=variables, root_value=root
        )
    )
    assert not isinstance(execution, list), execution
    result: Any = execution.execute_operation()
    return repr(_written(result.data)), [str(error.formatted) for error in result.errors or ()]


def _written(data: Any) -> Any:
    """Answer data with its times as the schema writes them; the plans leave that to the encoder."""
    if isinstance(data, dict):
        return {name: _written(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_written(value) for value in data]
    return moment(data) if isinstance(data, datetime) else data


@example(
    "query Q($by: Int) { leaf { scaled(by: $by) late(by: $by) } leaves { scaled(by: $by) } }",
    1,
    0.0,
    [{"by": 3}, {"by": 4}, {}],
)
@given(
    documents(),
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.02, 0.3]),
    st.lists(VARIABLES, min_size=3, max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_any_document_over_any_data_is_answered_as_graphql_core_does(
    text: str, seed: int, oddness: float, runs: list[dict[str, Any]]
) -> None:
    document = parse(text)
    # Fields of one name and other arguments don't go together: such a document isn't executed.
    assume(not validate(SCHEMA, document, RULES))
    data = Chance(random.Random(seed), oddness)  # noqa: S311 - test data
    plans = Plans()
    for variables in runs:  # the later ones find the plans of the first
        root, told = data.query(), data.odd(True)
        used = plans if "@" not in text else Plans()
        expected = _executed(document, root, told, variables, None)
        assert _executed(document, root, told, variables, used) == expected


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_encoded_as_the_schema_writes_them(when: datetime) -> None:
    scalar = SCHEMA.type_map["DateTime"]
    assert isinstance(scalar, GraphQLScalarType)
    written = scalar.coerce_output_value(when)
    assert json.loads(encode({"when": when})) == {"when": written}
    # and where the faster encoder can't be used, because a message quotes half a character
    assert json.loads(encode({"when": when, "message": "\ud800"}))["when"] == written


def test_what_is_plain_takes_the_shorter_way(
    world: FakeWorld, ask: GraphQL, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_quotes(20)
    usual: list[str] = []
    execute_field = CompiledExecution.execute_field

    def noted(self: Any, parent_type: Any, source: Any, details: Any, path: Any, *rest: Any) -> Any:
        usual.append(f"{parent_type.name}.{details[0].node.name.value}")
        return execute_field(self, parent_type, source, details, path, *rest)

    monkeypatch.setattr(CompiledExecution, "execute_field", noted)
    body = ask(
        "{ quotes { edges { cursor node { __typename id title author likes likedByMe createdAt } }"
        " pageInfo { hasNextPage endCursor } } }",
        token=token(1),
    )
    assert len(body["data"]["quotes"]["edges"]) == 20
    assert usual == []


@compiled
def test_plans_are_found_once_for_a_document_and_kept(world: FakeWorld, ask: GraphQL) -> None:
    world.add_quotes(2)
    text = "{ quotes { nodes { id } } }"
    ask(text)
    plans = prepare(text, None).plans
    assert plans is not None
    known = dict(plans.found)
    assert ask(text)["data"]["quotes"]["nodes"] == [{"id": quote_id(2)}, {"id": quote_id(1)}]
    assert plans.found == known
    assert len(known) == 3


def test_documents_with_directives_keep_no_plans(world: FakeWorld, ask: GraphQL) -> None:
    world.add_quotes(1)
    text = "query Q($a: Boolean!) { quotes { nodes { id title @include(if: $a) } } }"
    for shown in (True, False, True):
        body = ask(text, {"a": shown})
        assert ("title" in body["data"]["quotes"]["nodes"][0]) is shown
