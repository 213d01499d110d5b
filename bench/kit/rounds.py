"""Interleaved rounds, so that what else the machine does falls on all contestants alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

# One round of one contestant: what was measured, by the name of the figure.
Figures: TypeAlias = Mapping[str, float]

LEAST_ROUNDS = 5


def interleaved(
    contestants: Mapping[str, Callable[[], Figures]], rounds: int = LEAST_ROUNDS
) -> dict[str, list[Figures]]:
    """Let each contestant do its round in turn (A B C A B C …). Return all their figures."""
    found: dict[str, list[Figures]] = {name: [] for name in contestants}
    for number in range(rounds):
        # Every other round goes backwards: nobody always comes first after a pause.
        names = list(contestants) if number % 2 == 0 else list(contestants)[::-1]
        for name in names:
            found[name].append(contestants[name]())
    return found


def medians(rounds: Sequence[Figures]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def ratio(found: Mapping[str, Sequence[Figures]], ours: str, yardstick: str, figure: str) -> float:
    """Return the median, over the rounds, of our figure divided by the yardstick's beside it."""
    pairs = zip(found[ours], found[yardstick], strict=True)
    return statistics.median(one[figure] / other[figure] for one, other in pairs)
