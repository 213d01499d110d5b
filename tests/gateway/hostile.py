"""Requests that are small to write, and were or might be large to execute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

Hostile: TypeAlias = dict[str, Any]  # the body of a request

EMPTY = "likedBy(first: 0) { nodes { id } }"
FIELDS = (
    "id title author likes likedByMe createdAt updatedAt createdBy { id username joinedAt }"
    " likedBy(first: 1) { nodes { id username } }"
)
INTROSPECTED = (
    "kind name description isOneOf fields { name args { name type { name } } type { kind name } }"
)
WRITE = "mutation ($i: CreateQuoteInput!) { createQuote(input: $i) { __typename } }"


def _roots(number: int, fields: str, size: object = 100) -> str:
    return " ".join(f"a{each}: quotes(first: {size}) {{ {fields} }}" for each in range(number))


def _names(number: int, pattern: str) -> str:
    return " ".join(pattern.format(each) for each in range(number))


DOCUMENTS = {
    "failing pages of size 0 after 42,000 lines": "\n" * 42_000
    + f"{{ {_roots(10, f'nodes {{ {EMPTY} }} edges {{ node {{ {EMPTY} }} }}')} }}",
    "failing pages of size 0, as many as may be": "\r" * 42_000
    + f"{{ {_roots(10, f'nodes {{ {EMPTY} }}', 99)} }}",
    "a hundred unknown fields after 45,000 lines": "\n" * 45_000
    + f"{{ quotes {{ nodes {{ {_names(100, 'u{}')} }} }} }}",
    "two places of each error after 40,000 lines": "\n" * 40_000
    + f"{{ quotes {{ nodes {{ {_names(9, 'a{0}: id a{0}: title')} }} }} }}",
    "variables that nobody declared, in an operation of 88,000 letters": f"query {'L' * 88_000}"
    " { quotes { nodes { " + "id @include(if: $z) " * 100 + "} } }",
    "an alias of 90,000 letters": "{ quotes(first: 100) { nodes { " + "L" * 90_000 + ": id } } }",
    "a number of 5,000 digits": f"{{ quotes(first: {'9' * 5_000}) {{ nodes {{ id }} }} }}",
    "a text of 90,000 letters where a number belongs": f'{{ quotes(first: "{"L" * 90_000}") '
    "{ nodes { id } } }",
    "an object of 600 unknown members": "mutation { createQuote(input: { "
    f"{_names(600, 'a{}: 1')} }}) {{ __typename }} }}",
    "a list of 1,900 where a number belongs": f"{{ quotes(first: [{'1 ' * 1_900}]) {{ nodes "
    "{ id } } }",
    "all fields of ten pages of ten": f"{{ {_roots(10, f'nodes {{ {FIELDS} }}', 10)} }}",
    "the whole schema ten times": f"{{ {_names(10, 'a{}: __schema {{ types {{ ...T }} }}')} }}"
    f" fragment T on __Type {{ {INTROSPECTED} }}",
    "what the types of fields have for fields": "{ __schema { types { fields { type { "
    f"{_names(14, 'a{}: fields {{ type {{ name }} }}')} }} }} }} }}",
    "what wrapped types are": "{ __schema { types { fields { type { isOneOf } } } } }",
    "fragments that spread all others": "{ quotes { nodes { ...F0 } } } "
    + " ".join(
        f"fragment F{each} on Quote {{ id {' '.join(f'...F{n}' for n in range(each + 1, 30))} }}"
        for each in range(30)
    ),
    "fragments in circles": "{ quotes { nodes { ...F0 } } } "
    + " ".join(f"fragment F{each} on Quote {{ {_names(30, '...F{}')} }}" for each in range(30)),
    "a hundred and fifty operations": _names(150, "query Q{} {{ quotes {{ nodes {{ id }} }} }}"),
    "99,000 commas": "," * 99_000 + "{ quotes { nodes { id } } }",
}
VARIABLES = {
    "60 wrong variables after 40,000 lines": {
        "query": "\n" * 40_000
        + f"query ({_names(10, '$v{}: Int!')}) {{ "
        + " ".join(f"a{each}: quotes(first: $v{each}) {{ nodes {{ id }} }}" for each in range(10))
        + " }",
        "variables": {f"v{each}": "x" for each in range(60)},
    },
    "an input of 7,000 unknown members": {
        "query": WRITE,
        "variables": {"i": {f"a{each}": 1 for each in range(7_000)}},
    },
    "an input with a member of 90,000 letters": {
        "query": WRITE,
        "variables": {"i": {"title": "T", "L" * 90_000: 1}},
    },
    "a list of 40,000 for a text": {
        "query": WRITE,
        "variables": {"i": {"title": [1] * 40_000}},
    },
}
HOSTILE: dict[str, Hostile] = {name: {"query": text} for name, text in DOCUMENTS.items()} | (
    VARIABLES
)


@dataclass(frozen=True)
class Means:
    """What a made-up request is made of; small, so that it can be read."""

    blank: str
    blanks: int
    letters: int  # of the long name
    roots: int
    size: object
    inner_size: object
    within: str
    fields: tuple[str, ...]
    spread: tuple[str, ...]
    variables: Mapping[str, Any]

    def request(self) -> Hostile:
        """Return the request."""
        name = "L" * self.letters
        fields = [each.format(name=name, size=self.inner_size) for each in self.fields]
        roots = _roots(self.roots, self.within.format(" ".join(fields)), self.size)
        spread = " ".join(self.spread)
        query = (
            f"{self.blank * (self.blanks // len(self.blank))}query {name}($n: Int, $b: Boolean!)"
            f" {{ {roots} }} fragment F on Quote {{ {spread} }} fragment G on Quote {{ {spread} }}"
        )
        return {"query": query, "variables": {"b": True, **self.variables}}


_SIZES = st.sampled_from([0, 1, 2, 99, 100, 101, -1, "$n", "9" * 300])
_FIELDS = st.sampled_from(
    [
        "id", "nope", "a: id", "a: title", "{name}: id", "{name}", "likedByMe",
        "createdBy {{ id }}", "id @include(if: $b)", "id @include(if: $z)", "...F", "...G", "...H",
        "... on Quote {{ id }}", "likedBy(first: {size}) {{ nodes {{ id }} }}",
        "a: likedBy(first: {size}) {{ nodes {{ id }} }}",
    ]
)  # fmt: skip
# Lines, errors, aliases, spreads, long names, and pages of few or none: each has been a means.
MEANS = st.builds(
    Means,
    blank=st.sampled_from(["\n", "\r", "\r\n", ",", "#\n"]),
    blanks=st.sampled_from([0, 100, 20_000]),
    letters=st.sampled_from([1, 20, 255, 256, 10_000]),
    roots=st.integers(1, 11),
    size=_SIZES,
    inner_size=_SIZES,
    within=st.sampled_from(["nodes {{ {0} }}", "nodes {{ {0} }} edges {{ node {{ {0} }} }}"]),
    fields=st.lists(_FIELDS, min_size=1, max_size=30).map(tuple),
    spread=st.lists(
        st.sampled_from(["id", "...F", "...G", "nope", "a: id"]), min_size=1, max_size=9
    ).map(tuple),
    variables=st.fixed_dictionaries({}, optional={"n": st.integers(-1, 101), "b": st.none()}),
)
