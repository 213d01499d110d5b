"""What is kept of a document for later requests, and what isn't."""

import gc
import weakref

import pytest

from gateway.execution import documents
from gateway.execution.documents import MAX_KEPT, MAX_PREPARED, Prepared, prepare


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
    kept = documents._kept.cache_info().currsize
    prepare("{ __typename }" + " " * MAX_KEPT, None)
    assert prepare("{ __typename }", "n" * MAX_KEPT) == Prepared()
    assert documents._kept.cache_info().currsize == kept
