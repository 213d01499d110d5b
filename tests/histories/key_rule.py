"""Rule: one idempotency key of a user is one quote, whoever of their clients sends it."""

from collections.abc import Iterator

from tests.histories.operations import Effect, History, Kind, Operation, Outcome, Violation


def check_keys(history: History) -> Iterator[Violation]:
    """Yield each key that made two quotes, and each quote that two keys made."""
    quotes: dict[tuple[int, str], Operation] = {}
    keys: dict[int, Operation] = {}
    for one in history.of_kind(Kind.CREATE):
        if one.outcome is not Outcome.DONE or one.key is None or one.quote is None:
            continue
        first = quotes.setdefault((one.user, one.key), one)
        if first.quote != one.quote:
            yield Violation.of(Effect.DOUBLED, f"key {one.key} made two quotes", [first, one])
        first = keys.setdefault(one.quote, one)
        if first.key != one.key:
            yield Violation.of(Effect.UNTRUE, f"quote {one.quote} has two keys", [first, one])
