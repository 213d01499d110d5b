"""Rule: in the end what was acknowledged is there, and what is there was asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.histories.operations import (
    Effect,
    Facts,
    History,
    Kind,
    Operation,
    Outcome,
    Violation,
)


def check_books(history: History) -> Iterator[Violation]:
    """Yield what the databases hold at the end and should not, or the reverse."""
    if history.after is None:
        return
    yield from _agreement(history, history.after)
    yield from _created(history, history.after)
    yield from _deleted(history, history.after)
    yield from _texts(history, history.after)


def _agreement(history: History, after: Facts) -> Iterator[Violation]:
    """Both services hold the same quotes and counts."""
    likes = Counter(quote for _, quote in after.likes)
    for quote, (title, version, count) in after.quotes.items():
        if after.replica.get(quote) != (title, version):
            what = f"Likes has quote {quote} otherwise than Quotes"
            titles = {title, *after.replica.get(quote, ())}
            written = history.of_kind(Kind.CREATE, Kind.UPDATE)
            shown = [one for one in written if one.title in titles]
            yield _violation(Effect.LOST, what, *shown)
        if count != likes[quote]:
            effect = Effect.LOST if count < likes[quote] else Effect.DOUBLED
            what = f"quote {quote} counts {count} of {likes[quote]} likes"
            yield _violation(effect, what, *_last_changes(history, quote))
    for quote in after.replica.keys() - after.quotes.keys():
        deletions = [one for one in history.of_kind(Kind.DELETE) if one.quote == quote]
        yield _violation(Effect.DOUBLED, f"Likes has quote {quote}, and Quotes has not", *deletions)
    for user, quote in after.likes:
        if quote not in after.replica:
            what = f"user {user} likes quote {quote}, which is gone"
            deletions = [one for one in history.of_kind(Kind.DELETE) if one.quote == quote]
            last = [one for one in _last_changes(history, quote) if one.user == user]
            yield _violation(Effect.DOUBLED, what, *last, *deletions)


def _last_changes(history: History, quote: int) -> Iterable[Operation]:
    """Return the last like or unlike of each user that had an effect, or perhaps had one."""
    changes = sorted(history.of_kind(Kind.LIKE, Kind.UNLIKE), key=lambda one: one.called)
    return {
        one.user: one
        for one in changes
        if one.quote == quote and one.outcome in (Outcome.DONE, Outcome.MAYBE)
    }.values()


def _created(history: History, after: Facts) -> Iterator[Violation]:
    gone = history.deletions_called()
    asked = history.of_kind(Kind.CREATE, Kind.UPDATE)
    for one in asked:
        there = one.quote in after.quotes or one.quote in gone
        if one.outcome is Outcome.DONE and not there:
            yield _violation(Effect.LOST, f"quote {one.quote} is not there", one)
    for quote in history.before.quotes.keys() - after.quotes.keys() - gone.keys():
        yield _violation(Effect.LOST, f"quote {quote} is not there any more")
    before = Counter(title for title, _, _ in history.before.quotes.values())
    titles = {one.title for one in asked} | set(before)
    for quote, (title, _, _) in after.quotes.items():
        if title not in titles:
            yield _violation(Effect.DOUBLED, f"nobody wrote {title!r} of quote {quote}")
    for title, count in Counter(title for title, _, _ in after.quotes.values()).items():
        if count > max(1, before[title]):  # others may have written the same text twice
            shown = [one for one in asked if one.title == title]
            yield _violation(Effect.DOUBLED, f"{title!r} is there {count} times", *shown)


def _deleted(history: History, after: Facts) -> Iterator[Violation]:
    for one in history.of_kind(Kind.DELETE):
        if one.outcome is Outcome.DONE and (
            one.quote in after.quotes or one.quote in after.replica
        ):
            yield _violation(Effect.DOUBLED, f"quote {one.quote} is back", one)


def _texts(history: History, after: Facts) -> Iterator[Violation]:
    """The text at the end is not one that another had replaced for certain."""
    written: dict[str, Operation] = {
        one.title: one for one in history.of_kind(Kind.CREATE, Kind.UPDATE) if one.title is not None
    }
    for one in history.of_kind(Kind.UPDATE):
        if one.outcome is not Outcome.DONE or one.quote not in after.quotes:
            continue
        title = after.quotes[one.quote][0]
        last = written.get(title)
        if last is not one and (last is None or last.returned < one.called):
            earlier = [] if last is None else [last]
            yield Violation.of(
                Effect.LOST, f"the text of quote {one.quote} at the end is {title!r}",
                [*earlier, one],
            )  # fmt: skip


def _violation(effect: Effect, what: str, *operations: Operation) -> Violation:
    return Violation.of(effect, what, operations)
