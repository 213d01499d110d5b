"""What goes wrong, chosen by a seed."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chances:
    """How likely each fault is, at each place where it can be."""

    crash: float = 0.03  # of a process, at each step that it takes
    stop: float = 0.004  # of a process that is told to end, at each wait
    lost_connection: float = 0.03  # at each call of the broker
    nack: float = 0.04
    lost_confirm: float = 0.03
    repeat: float = 0.05  # of a message that comes twice
    lost_ack: float = 0.03
    away: float = 0.01  # the broker, for a while
    database: float = 0.004  # a statement that fails
    commit: float = 0.01  # a commit that fails, or of which nobody hears
    commit_unheard: float = 0.5  # of those commits that fail: it is done, and nobody hears of it
    handler: float = 0.02  # a handler that fails


NONE = Chances(**dict.fromkeys(Chances.__dataclass_fields__, 0.0))


class Mischief:
    """Decides what goes wrong, until it is told to be quiet."""

    def __init__(self, seed: int, chances: Chances) -> None:
        self.choose = random.Random(seed)  # noqa: S311 - no secret
        self._chances = chances
        self.count = 0

    def quiet(self) -> None:
        """Let nothing go wrong from now on."""
        self._chances = NONE

    def strikes(self, name: str) -> bool:
        """Return whether this goes wrong now."""
        chance: float = getattr(self._chances, name)
        if not chance or self.choose.random() >= chance:
            return False
        self.count += 1
        return True

    def delay(self) -> float:
        """Return how long something takes: some milliseconds, and sometimes a good while."""
        if self._chances is NONE:
            return 0.001
        return self.choose.choice([0.0, 0.001, 0.005, 0.05, 0.3])
