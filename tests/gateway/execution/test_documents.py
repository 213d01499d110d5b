"""What is kept of a document for later requests, and what isn't."""

import gc
import tracemalloc
import weakref

import pytest
from graphql import DocumentNode

from gateway.execution import documents
from gateway.execution.documents import (
    MAX_KEPT,
    MAX_PREPARED,
    MAX_PREPARED_BYTES,
    Prepared,
    prepare,
)


class _Request:
    """Stands for what a request brings along: its body, and its caller's token."""


def _prepared_for(request: _Request, text: str) -> Prepared:
    assert request
    return prepare(text, None)


@pytest.mark.parametrize(
    "text",
    [
        "{ quotes(",
        "{ a ~ }",
        "{ a " * 5_000,
        "{a" * 1_000,
        'query Q($n: Int = "x") { quotes(first: $n) { nodes { id } } }',
    ],
    ids=["syntax", "character", "tokens", "depth", "default"],
)
def test_errors_that_are_kept_keep_nothing_of_the_request(text: str) -> None:
    request = _Request()
    alive = weakref.ref(request)
    prepared = _prepared_for(request, text)
    del request
    gc.collect()
    assert prepared.errors
    assert alive() is None


def test_the_document_least_lately_used_is_forgotten() -> None:
    first, second, *others = (f"{{ a{number}: __typename }}" for number in range(MAX_PREPARED + 1))
    kept, forgotten = prepare(first, None), prepare(second, None)
    prepare(first, None)
    for text in others:
        prepare(text, None)
    assert prepare(first, None) is kept
    assert prepare(second, None) is not forgotten


def test_neither_a_long_document_nor_a_long_name_is_kept() -> None:
    assert prepare("{ __typename }", None) is prepare("{ __typename }", None)
    kept = documents._kept.number
    prepare("{ __typename }" + " " * MAX_KEPT, None)
    assert prepare("{ __typename }", "n" * MAX_KEPT) == Prepared()
    assert documents._kept.number == kept


LARGE = {
    "a field named often": "{ quotes { nodes { id " + "id " * 130 + "} } }",
    "operations": " ".join(
        f"query Q{each} {{ quotes {{ nodes {{ id }} }} }}" for each in range(150)
    ),
    "aliases": "{ quotes { nodes { "
    + " ".join(f"a{each}: likedBy {{ nodes {{ id }} }}" for each in range(14))
    + " } } }",
    "texts of four bytes a character": '{ quotes(search: "'
    + "👩" * 5_000
    + '") { nodes { id } } }',
    "refused": "{ quotes { nodes { " + "nope " * 1_900 + "} } }",
}


@pytest.mark.parametrize("kind", LARGE)
def test_what_is_kept_is_reckoned_at_no_less_than_its_memory(kind: str) -> None:
    name = "Q1" if kind == "operations" else None
    prepare(f"#0\n{LARGE[kind]}", name)
    documents.forget()
    gc.collect()
    tracemalloc.start()
    for number in range(2):
        prepare(f"#{number}\n{LARGE[kind]}", name)
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert documents._kept.number == 2
    assert taken <= documents._kept.bytes


def test_the_documents_that_are_kept_are_bounded_in_bytes() -> None:
    for number in range(12):
        prepare(f"#{number}\n{LARGE['operations']}", "Q1")
    assert 0 < documents._kept.number < 12
    assert documents._kept.bytes <= MAX_PREPARED_BYTES


def test_of_a_refused_document_its_errors_alone_are_kept() -> None:
    prepared = prepare(LARGE["refused"], None)
    assert prepared.errors
    assert prepared.document == DocumentNode()
    assert (prepared.pages, prepared.plans) == ((), None)
