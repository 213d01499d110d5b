"""Rule: a version of a quote is one text, and what was seen of a quote never goes back.

A quote is one row at Quotes: whoever reads it there sees each change that was acknowledged before
the read began, and no older one afterwards. It is one row at Likes, too, which comes later but
goes forward alone.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from tests.histories.operations import (
    NEVER,
    Effect,
    History,
    Kind,
    Operation,
    Outcome,
    Place,
    Violation,
)


def check_versions(history: History) -> Iterator[Violation]:
    """Yield versions that were given twice, and what went back."""
    by_quote: defaultdict[int, list[Operation]] = defaultdict(list)
    for one in history.operations:
        if one.quote is not None:
            by_quote[one.quote].append(one)
    gone = history.deletions_called()
    for quote, operations in by_quote.items():
        yield from _given_twice(quote, operations)
        versions = _versions_of_texts(operations, history, quote)
        for at_likes in (False, True):
            seen = [_seen(one, versions) for one in operations if _is_of(one, at_likes)]
            yield from _going_back(quote, [each for each in seen if each is not None])
        yield from _not_found(quote, operations, gone.get(quote, NEVER))


def _given_twice(quote: int, operations: list[Operation]) -> Iterator[Violation]:
    texts: dict[int, Operation] = {}
    for one in operations:
        if one.version is None or one.title is None:
            continue
        first = texts.setdefault(one.version, one)
        if first.title != one.title:
            what = f"version {one.version} of quote {quote} is two texts"
            yield Violation.of(Effect.DOUBLED, what, [first, one])


def _versions_of_texts(operations: list[Operation], history: History, quote: int) -> dict[str, int]:
    """Return the version of each text that was shown with one; of a new quote it is the first."""
    known = {one.title: one.version for one in operations if one.title and one.version}
    for one in operations:
        if one.kind is Kind.CREATE and one.title is not None:
            known[one.title] = 1
    if quote in history.before.quotes:
        title, version, _ = history.before.quotes[quote]
        known[title] = version
    return known


def _is_of(operation: Operation, at_likes: bool) -> bool:
    return (operation.place is Place.LIKES) is at_likes


def _seen(operation: Operation, versions: dict[str, int]) -> tuple[int, Operation] | None:
    """Return the version that an answer shows, if it shows one that is known."""
    if operation.outcome is not Outcome.DONE or operation.title is None:
        return None
    version = operation.version or versions.get(operation.title)
    return None if version is None else (version, operation)


def _going_back(quote: int, seen: list[tuple[int, Operation]]) -> Iterator[Violation]:
    """Yield what shows less than what had been shown before it was called."""
    by_return = sorted(seen, key=lambda each: each[1].returned)
    returns = [operation.returned for _, operation in by_return]
    newest: list[tuple[int, Operation]] = []
    for each in by_return:
        newest.append(max(newest[-1], each, key=lambda one: one[0]) if newest else each)
    for version, operation in seen:
        earlier = bisect_left(returns, operation.called)
        if earlier and newest[earlier - 1][0] > version:
            before_version, before = newest[earlier - 1]
            what = f"quote {quote} went back from version {before_version} to {version}"
            yield Violation.of(Effect.UNTRUE, what, [before, operation])


def _not_found(quote: int, operations: list[Operation], gone: int) -> Iterator[Violation]:
    """Yield what was not found though it must be there, and what was found though it is gone.

    Likes knows a quote later than Quotes does: a read or an unlike there may not find it yet.
    """
    deleted = min((one.returned for one in operations if _is_deletion(one)), default=NEVER)
    for one in operations:
        late = one.place is Place.LIKES or one.kind is Kind.UNLIKE
        if one.outcome is Outcome.NOT_FOUND and one.returned < gone and not late:
            what = f"quote {quote} was not found, and nobody had asked for its deletion"
            yield Violation.of(Effect.LOST, what, [one])
        shown = one.kind in (Kind.READ, Kind.UPDATE) and one.outcome is Outcome.DONE
        if shown and one.called > deleted and one.place is not Place.LIKES:
            what = f"quote {quote} was there after its deletion"
            yield Violation.of(Effect.DOUBLED, what, [*filter(_is_deletion, operations), one])


def _is_deletion(operation: Operation) -> bool:
    return operation.kind is Kind.DELETE and operation.outcome is Outcome.DONE
