"""Rule: a count holds one's own like, and of others what may have been counted by then.

Quotes counts the events of each user in their order, late. So of each other user a count holds 1 or
0: 1 only if a like of theirs was asked for by then, 0 unless they liked it at first and nobody had
asked to take that back. Of the user whose change it answers it holds what the change left. So does
a later read of the same client that hands back the token of its changes.

Where messages waited for a retry, or were refused by the broker and sent again, the order is lost:
of another user each like and each unlike is counted or not. Of one's own it is not: the gateway
adds to the stored count what that lacks.
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
    Violation,
)


class _Likers:
    """Who may be counted as a liker of one quote, and who must be, at any time."""

    def __init__(self, liked_before: set[int], changes: list[Operation], *, retried: bool) -> None:
        self._retried = retried
        self._liked_before = liked_before
        self._changes = changes
        self._of_user: defaultdict[int, list[Operation]] = defaultdict(list)
        for one in changes:
            self._of_user[one.user].append(one)
        self._first_like = self._firsts(Kind.LIKE)
        self._first_unlike = self._firsts(Kind.UNLIKE)
        unliked_at = (self._first_unlike.get(user, NEVER) for user in liked_before)
        liked_at = (time for user, time in self._first_like.items() if user not in liked_before)
        self._unliked_at, self._liked_at = sorted(unliked_at), sorted(liked_at)

    def _firsts(self, kind: Kind) -> dict[int, int]:
        """Return when each user first asked for this, with an effect or perhaps with one."""
        firsts: dict[int, int] = {}
        for one in self._changes:
            if one.kind is kind and _may_count(one):
                firsts.setdefault(one.user, one.called)
        return firsts

    def bounds(self, shown: Operation) -> tuple[int, int]:
        """Return the least and the most that an operation's answer may count."""
        end = shown.returned
        least = len(self._unliked_at) - bisect_left(self._unliked_at, end)
        most = len(self._liked_before) + bisect_left(self._liked_at, end)
        own = self._own(shown)
        if not own:
            return (0, NEVER) if self._retried else (least, most)
        was_liked = shown.user in self._liked_before
        least -= was_liked and self._first_unlike.get(shown.user, NEVER) >= end
        most -= was_liked or self._first_like.get(shown.user, NEVER) < end
        if self._retried:
            later = own[1:] if shown.kind is Kind.READ else []
            others = [one for one in self._changes if one.user != shown.user and one.called < end]
            least -= sum(one.kind is Kind.UNLIKE for one in (*others, *later))
            most += sum(one.kind is Kind.LIKE for one in (*others, *later))
        left = {one.kind is Kind.LIKE for one in own}
        return max(0, least + min(left)), most + max(left)

    def _own(self, shown: Operation) -> list[Operation]:
        """Return the changes of which one left what the count holds of its own user.

        The first is the last of this client: a count has it and perhaps what came after it. There
        is none for a read that does not promise it.
        """
        changes = self._of_user[shown.user]
        last = shown
        if shown.kind is Kind.READ:
            earlier = [
                one
                for one in changes
                if one.client == shown.client
                and one.returned < shown.called
                and one.outcome is Outcome.DONE
            ]
            if not shown.with_own or not earlier or not earlier[-1].with_own:
                return []
            last = earlier[-1]
        since = [
            one
            for one in changes
            if one is not last
            and one.called < shown.returned
            and (one.called > last.called or one.overlaps(last))
        ]
        return [last, *since]

    def evidence(self, shown: Operation, *, too_many: bool) -> list[Operation]:
        """Return what could be counted, if that is too much, and what is one's own."""
        own = [one for one in self._own(shown) if one is not shown]
        if too_many:
            for changes in self._of_user.values():
                likes = [one for one in changes if one.kind is Kind.LIKE and _may_count(one)]
                own += [one for one in likes[:1] if one.called < shown.returned and one not in own]
        return [*(one for one in own if one is not shown), shown]


def _may_count(change: Operation) -> bool:
    return change.outcome not in (Outcome.ALREADY_LIKED, Outcome.NOT_LIKED)


def check_counts(history: History) -> Iterator[Violation]:
    """Yield each count that an answer can't have shown."""
    changes: defaultdict[int, list[Operation]] = defaultdict(list)
    for one in sorted(history.of_kind(Kind.LIKE, Kind.UNLIKE), key=lambda one: one.called):
        if one.quote is not None:
            changes[one.quote].append(one)
    before: defaultdict[int, set[int]] = defaultdict(set)
    for user, quote in history.before.likes:
        before[quote].add(user)
    likers: dict[int, _Likers] = {}
    for one in history.operations:
        if one.likes is None or one.quote is None:
            continue
        if one.quote not in likers:
            likers[one.quote] = _Likers(
                before[one.quote], changes[one.quote], retried=history.retried
            )
        least, most = likers[one.quote].bounds(one)
        if not least <= one.likes <= most:
            yield Violation.of(
                Effect.UNTRUE,
                f"{one.likes} likes of quote {one.quote} are shown, where {least} to {most} can be",
                likers[one.quote].evidence(one, too_many=one.likes > most),
            )
