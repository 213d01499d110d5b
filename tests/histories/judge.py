"""All rules, applied to a history."""

from collections import Counter
from collections.abc import Callable, Iterator

from tests.histories.book_rule import check_books
from tests.histories.count_rule import check_counts
from tests.histories.key_rule import check_keys
from tests.histories.like_rule import check_likes
from tests.histories.operations import Effect, History, Violation
from tests.histories.stream_rule import check_streams
from tests.histories.version_rule import check_versions

Rule = Callable[[History], Iterator[Violation]]
RULES: tuple[Rule, ...] = (
    check_likes,
    check_counts,
    check_versions,
    check_keys,
    check_books,
    check_streams,
)


class PromiseBroken(AssertionError):
    """A history shows what was promised never to be; the message is what was found."""


def violations(history: History) -> list[Violation]:
    """Return all that a history shows, the shortest first, and last what no operation shows."""
    found = [violation for rule in RULES for violation in rule(history)]
    return sorted(found, key=lambda one: (not one.operations, len(one.operations)))


def judge(history: History) -> dict[str, int]:
    """Return the figures of a history. Raise PromiseBroken with the shortest that it shows."""
    found = violations(history)
    counts = Counter(violation.effect for violation in found)
    figures = {effect.value: counts[effect] for effect in Effect}
    if found:
        shown = "\n\n".join(str(violation) for violation in found[:5])
        raise PromiseBroken(f"{figures} in {len(history.operations)} operations\n\n{shown}")
    return figures
