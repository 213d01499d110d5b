"""What so many users need: arithmetic from what was measured, and a day's peak simulated.

python -m bench.scaling [--users 1000000]

The figures are docs/performance.md's, the habits are assumed. docs/scaling.md has what this prints.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

DAY = 24 * 60 * 60  # seconds
USERS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)  # that come on one day

# CPU milliseconds of an operation, as measured.
GATEWAY_PAGE = 1.43
QUOTES_PAGE = 2.55  # with PostgreSQL
LIKES_OF_A_PAGE = QUOTES_PAGE  # not measured: taken to be as dear as the page itself
LIKE = 10.3  # all processes, PostgreSQL and RabbitMQ, until it is counted
LIKE_WEB = 6.29  # of it gateway and REST
QUOTE = 8.99
QUOTE_WEB = 5.2
# Events a second of one process, which is all that are active of a service.
RELAY = 11_756
CONSUMER = 10_515
LIVE_SUBSCRIPTIONS = 5_000  # of one process, by its setting
INBOX_DAYS = 30
USE = 0.6  # of a processor's time at the peak: the rest is for what nobody foresaw


@dataclass(frozen=True)
class Habits:
    """What a user does on a day on which they come."""

    pages: float = 20
    likes: float = 3
    quotes: float = 0.05
    subscribed: float = 0.05  # of the day's users, at the peak


def tide(second: float) -> float:
    """Return how many times the day's mean is under way at a second of the day."""
    return float(math.sin(math.pi * second / DAY) ** 6 / 0.3125)  # whose mean over a day is 1


PEAK = tide(DAY / 2)


@dataclass(frozen=True)
class Needs:
    """What the peak of a day takes."""

    pages: float  # a second
    writes: float
    web_cores: float  # gateway and services
    other_cores: float  # PostgreSQL, RabbitMQ, relays and consumers
    consumer_use: float  # of what one consumer does
    live_processes: int
    inbox_rows: float


def needs(users: float, habits: Habits) -> Needs:
    """Return what so many users of one day need."""
    a_second = users / DAY * PEAK
    pages, likes = a_second * habits.pages, a_second * habits.likes
    quotes = a_second * habits.quotes
    # The services' pages are measured with PostgreSQL: counted with the web, which is most of it.
    web = pages * (GATEWAY_PAGE + QUOTES_PAGE + LIKES_OF_A_PAGE)
    web += likes * LIKE_WEB + quotes * QUOTE_WEB
    other = likes * (LIKE - LIKE_WEB) + quotes * (QUOTE - QUOTE_WEB)
    return Needs(
        pages=pages,
        writes=likes + quotes,
        web_cores=web / 1000 / USE,
        other_cores=other / 1000 / USE,
        consumer_use=likes / CONSUMER,
        live_processes=math.ceil(users * habits.subscribed / LIVE_SUBSCRIPTIONS),
        inbox_rows=users * habits.likes * INBOX_DAYS,
    )


@dataclass(frozen=True)
class Outage:
    """What an outage leaves: how many events wait at most, and how long until none does."""

    most_waiting: float
    seconds_until_through: float | None  # None: never, as more come than can be handled


def after_outage(users: float, habits: Habits, *, seconds: int, times: float = 1) -> Outage:
    """Simulate, second by second, that the broker is away for so long at the peak of a day.

    Meanwhile, and until an hour later, `times` as many likes come as at any other peak.
    """
    waiting = most = 0.0
    capacity = min(RELAY, CONSUMER)
    for passed in range(DAY // 2):
        fold = times if passed < seconds + 3600 else 1
        waiting += users * habits.likes / DAY * tide(DAY / 2 + passed) * fold
        if passed >= seconds:
            waiting = max(0.0, waiting - capacity)
        most = max(most, waiting)
        if passed >= seconds and not waiting:
            return Outage(most, passed - seconds + 1)
    return Outage(most, None)


def most_users(habits: Habits) -> float:
    """Return with how many users of a day one consumer has as much to do at the peak as it can."""
    return 1 / needs(1, habits).consumer_use


def report(counts: Sequence[float], habits: Habits) -> str:
    """Return the tables that docs/scaling.md has."""
    at_peak, after = [], []
    for users in counts:
        need = needs(users, habits)
        at_peak.append(
            [
                f"{users:,.0f}",
                f"{need.pages:,.1f}",
                f"{need.writes:,.1f}",
                f"{need.web_cores:.2g}",
                f"{need.other_cores:.2g}",
                f"{need.consumer_use:.2%}",
                f"{need.live_processes:,}",
                f"{need.inbox_rows:,.0f}",
            ]
        )
        row = [f"{users:,.0f}"]
        for times in (1, 50):
            outage = after_outage(users, habits, seconds=600, times=times)
            through = outage.seconds_until_through
            row.append(f"{outage.most_waiting:,.0f}")
            row.append("not on that day" if through is None else f"{through:,.0f} s")
        after.append(row)
    needed = _table(
        "users a day | pages/s | writes/s | cores, web | cores, other | of one consumer"
        " | live processes | inbox rows",
        at_peak,
    )
    waited = _table(
        "users a day | events waiting | through after | waiting, 50 times the likes"
        " | through after",
        after,
    )
    return f"{needed}\n\n{waited}"


def _table(heads: str, rows: Sequence[Sequence[str]]) -> str:
    line = "| " + " | ".join("---:" for _ in heads.split(" | ")) + " |"
    return "\n".join([f"| {heads} |", line, *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=float, nargs="*", default=USERS, help="that come on a day")
    parser.add_argument("--pages", type=float, default=Habits.pages, help="of each on that day")
    parser.add_argument("--likes", type=float, default=Habits.likes)
    parser.add_argument("--quotes", type=float, default=Habits.quotes)
    asked = parser.parse_args()
    habits = Habits(asked.pages, asked.likes, asked.quotes)
    print(report(asked.users, habits))
    print(f"\nOne consumer is at its end with {most_users(habits):,.0f} users a day.")


if __name__ == "__main__":
    main()
