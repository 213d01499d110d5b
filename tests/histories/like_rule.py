"""Rule: the like of each user on each quote is a register, to the end."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.histories.operations import (
    FIRST,
    NEVER,
    Effect,
    History,
    Kind,
    Operation,
    Outcome,
    Violation,
)
from tests.histories.register import Register, Value, is_unsure

AT_THE_END = "at the end"


def check_likes(history: History) -> Iterator[Violation]:
    """Yield each like that is no register, with the shortest history that shows it."""
    gone = history.deletions_called()
    for (user, quote), operations in _by_register(history).items():
        liked = (user, quote) in history.before.likes
        register = Register(
            operations=operations,
            initial=Value.LIKED if liked else Value.NOT_LIKED,
            gone_from=gone.get(quote, NEVER),
            faulty=history.faulty,
        )
        if register.failing() is not None:
            shortest = shorten(register)
            yield Violation.of(
                _effect_of(shortest.operations[-1]),
                f"the like of user {user} on quote {quote}, {shortest.initial.value} at first,"
                " is no register",
                shortest.operations,
            )


def shorten(register: Register) -> Register:
    """Return a register of as few operations as show the same, the last of them last.

    It begins where the value was last certain. Of the rest, observations are left out while it
    fails without them: that makes nothing impossible that was possible.
    """
    failing = register.failing()
    assert failing is not None
    place, since, value = failing
    last = register.operations[place]
    until = [one for one in register.operations if one.called <= last.returned]
    kept = replace(
        register,
        operations=[one for one in until if one.called >= since or is_unsure(one)],
        initial=value,
    )
    if kept.failing() is None:  # what had no answer may have come before
        kept = replace(register, operations=until)
    for one in kept.operations:
        fewer = replace(kept, operations=[other for other in kept.operations if other is not one])
        if one is not last and _observes(one) and fewer.failing() is not None:
            kept = fewer
    others = [one for one in kept.operations if one is not last]
    return replace(kept, operations=[*others, last])


def _observes(operation: Operation) -> bool:
    """Return whether it changes nothing, whatever happened."""
    return operation.kind is Kind.READ or operation.outcome in (
        Outcome.ALREADY_LIKED,
        Outcome.NOT_LIKED,
    )


def _effect_of(last: Operation) -> Effect:
    if last.client != AT_THE_END:
        return Effect.UNTRUE
    return Effect.DOUBLED if last.liked else Effect.LOST


def _by_register(history: History) -> dict[tuple[int, int], Sequence[Operation]]:
    found: defaultdict[tuple[int, int], list[Operation]] = defaultdict(list)
    end = FIRST
    for one in history.operations:
        end = max(end, one.called, one.returned if one.returned < NEVER else FIRST)
        is_read = one.kind is Kind.READ and one.liked is not None
        if one.quote is not None and (is_read or one.kind in (Kind.LIKE, Kind.UNLIKE)):
            found[one.user, one.quote].append(one)
    if history.after is not None:
        for user, quote in found.keys() | history.before.likes | history.after.likes:
            liked = (user, quote) in history.after.likes
            found[user, quote].append(_seen_at_the_end(end, user, quote, liked))
    for operations in found.values():
        operations.sort(key=lambda one: one.called)
    return dict(found)


def _seen_at_the_end(end: int, user: int, quote: int, liked: bool) -> Operation:
    return Operation(
        client=AT_THE_END,
        user=user,
        kind=Kind.READ,
        quote=quote,
        called=end + 1,
        returned=end + 2,
        liked=liked,
    )
