"""What goes wrong, chosen by a seed."""

import random
from collections import Counter
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Chances:
    """How likely each fault is, at each place where it can be."""

    crash: float = 0.03  # of a process, at each step that it takes, and at each commit
    crash_in_database: float = 0.003  # at each statement
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
    handler: float = 0.04  # a handler that fails


NONE = Chances(**dict.fromkeys(Chances.__dataclass_fields__, 0.0))


# A handler that fails more often parks its message.
MOST_OF_HANDLERS = 3
# How much of each fault a schedule has: few kinds, and these often, lead further than all a little.
# (Groce and others, Swarm Testing, 2012.)
_SWARM = (0.0, 0.0, 1.0, 5.0)


class Mischief:
    """Decides what goes wrong, until it is told to be quiet."""

    def __init__(self, seed: int, chances: Chances) -> None:
        self.choose = random.Random(seed)  # noqa: S311 - no secret
        self._chances = {
            name: min(0.5, chance * self.choose.choice(_SWARM))
            for name, chance in asdict(chances).items()
        }
        self.counts: Counter[str] = Counter()  # of what went wrong, by its name

    def quiet(self) -> None:
        """Let nothing go wrong from now on."""
        self._chances = {}

    def strikes(self, name: str) -> bool:
        """Return whether this goes wrong now."""
        chance = self._chances.get(name)
        if not chance or self.choose.random() >= chance:
            return False
        if name == "handler" and self.counts[name] >= MOST_OF_HANDLERS:
            return False
        self.counts[name] += 1
        return True

    def delay(self) -> float:
        """Return how long something takes: some milliseconds, and sometimes a good while."""
        if not any(self._chances.values()):
            return 0.001
        return self.choose.choice([0.0, 0.001, 0.005, 0.05, 0.3])
