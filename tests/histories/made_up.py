"""Histories of a product that keeps all promises, made up from a seed."""

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace

from tests.histories.operations import NEVER, Facts, History, Kind, Operation, Outcome, Place

LONGEST = 1000  # of an operation; so many start in that time as there are clients
UNSURE = 0.02  # a part of the operations has no answer, and half of those no effect


@dataclass
class _Product:
    """A model of both services: the order of effects is the order of calls of its methods."""

    texts: dict[int, tuple[str, int]] = field(default_factory=dict)
    likers: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # Of each user and quote, what Quotes has counted: it comes late, and in order.
    counted: defaultdict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def count(self, quote: int) -> int:
        return sum(self.counted[quote].values())

    def arrive(self, choose: random.Random, quote: int) -> None:
        """Have Quotes learn of some of the likes."""
        for user in sorted(self.likers[quote] | {*self.counted[quote]}):
            if choose.random() < 0.5:
                self.counted[quote][user] = int(user in self.likers[quote])


def made_up(
    seed: int, size: int, *, clients: int = 8, users: int = 20, quotes: int = 200
) -> History:
    """Return a history of that many operations."""
    choose = random.Random(seed)  # noqa: S311 - no secret
    product = _Product()
    operations = []
    for quote in range(1, quotes + 1):
        product.texts[quote] = (f"text {quote}", 1)
        operations.append(
            Operation(
                client="client 0", user=1, kind=Kind.CREATE, called=quote, returned=quote,
                quote=quote, title=f"text {quote}", version=1, key=f"key {quote}",
            )
        )  # fmt: skip
    free = [LONGEST + quotes] * clients
    effect = free[0]
    while len(operations) < size:
        client = min(range(clients), key=free.__getitem__)
        called = max(free[client], effect - LONGEST // 2)
        effect = max(effect + 1, called)
        returned = effect + choose.randrange(LONGEST // 2)
        free[client] = returned + 1
        operation = _one(choose, product, choose.randint(1, users), choose.randint(1, quotes))
        operations.append(
            replace(
                operation,
                client=f"client {client}",
                called=called,
                returned=NEVER if operation.outcome is Outcome.MAYBE else returned,
            )
        )
    after = Facts(
        quotes={
            quote: (*text, len(product.likers[quote])) for quote, text in product.texts.items()
        },
        replica=dict(product.texts),
        likes={(user, quote) for quote, users in product.likers.items() for user in users},
    )
    return History(operations=operations, after=after)


def _one(choose: random.Random, product: _Product, user: int, quote: int) -> Operation:
    """Return one operation, with its effect on the model; its times are set later."""
    kind = choose.choices([Kind.LIKE, Kind.UNLIKE, Kind.READ, Kind.UPDATE], [4, 2, 3, 1])[0]
    blank = Operation(client="", user=user, kind=kind, quote=quote, called=0, returned=0)
    unsure = choose.random() < UNSURE
    if unsure and choose.random() < 0.5 and kind is not Kind.READ:
        title = f"lost {choose.random()}" if kind is Kind.UPDATE else None
        return replace(blank, outcome=Outcome.MAYBE, title=title)
    product.arrive(choose, quote)
    if kind is Kind.READ:
        return _read(choose, product, blank)
    answered = (_update if kind is Kind.UPDATE else _like)(product, blank)
    if unsure and answered.outcome is Outcome.DONE:
        return replace(answered, outcome=Outcome.MAYBE, likes=None, version=None)
    return answered


def _read(choose: random.Random, product: _Product, blank: Operation) -> Operation:
    assert blank.quote is not None
    title, version = product.texts[blank.quote]
    if choose.random() < 0.5:
        return replace(blank, place=Place.QUOTES, title=title, version=version)
    liked = blank.user in product.likers[blank.quote]
    likes, with_own = product.count(blank.quote), choose.random() < 0.5
    if with_own:
        likes += liked - product.counted[blank.quote].get(blank.user, 0)
    return replace(blank, title=title, likes=likes, liked=liked, with_own=with_own)


def _update(product: _Product, blank: Operation) -> Operation:
    assert blank.quote is not None
    version = product.texts[blank.quote][1] + 1
    title = f"text {blank.quote}.{version}"
    product.texts[blank.quote] = title, version
    return replace(blank, place=Place.QUOTES, title=title, version=version)


def _like(product: _Product, blank: Operation) -> Operation:
    assert blank.quote is not None
    likers, wanted = product.likers[blank.quote], blank.kind is Kind.LIKE
    if (blank.user in likers) is wanted:
        refusal = Outcome.ALREADY_LIKED if wanted else Outcome.NOT_LIKED
        return replace(blank, outcome=refusal)
    (likers.add if wanted else likers.remove)(blank.user)
    others = product.count(blank.quote) - product.counted[blank.quote].get(blank.user, 0)
    return replace(blank, likes=others + wanted, with_own=True)
