"""One schedule: a seed, what it leads to, and what of it breaks a promise."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from messaging.events import SEQUENCE_HEADER, SOURCE_HEADER, SUBJECT_HEADER, Message
from tests.histories.judge import judge
from tests.histories.operations import Facts, History
from tests.simulation.clients import Clients
from tests.simulation.databases import SERVICES, Databases
from tests.simulation.mischief import Chances, Mischief
from tests.simulation.world import World

# At least and at most so many clients do so many operations each. Most faults need few of them.
CLIENTS, OPERATIONS = (2, 3), (1, 2)
USERS = 2
LATER = (0.0, 1.0, 3.0)  # virtual seconds in which things go on to go wrong, when clients are done
LONGEST = 120.0  # virtual seconds until all is at rest, once nothing goes wrong any more


class PromiseBroken(AssertionError):
    """What a schedule led to; the message begins with its seed."""


@dataclass(frozen=True)
class Outcome:
    """What came of a schedule. Two of one seed have the same trace."""

    operations: int
    messages: int  # that the exchange took
    faults: int
    trace: str


def run(databases: Databases, seed: int, chances: Chances | None = None) -> Outcome:
    """Run the schedule of a seed. Raise PromiseBroken, which names the seed."""
    mischief = Mischief(seed, chances or Chances())
    try:
        with World(databases, mischief) as world:
            return _run(world)
    except Exception as error:
        raise PromiseBroken(f"seed {seed}: {type(error).__name__}: {error}") from error


def _run(world: World) -> Outcome:
    clients = Clients(world, USERS)
    _make_users(world)
    choose = world.mischief.choose
    clients.start(choose.randint(*CLIENTS), choose.randint(*OPERATIONS))
    world.scheduler.run_until(lambda: not clients.busy(), most=LONGEST)
    world.go_on(choose.choice(LATER))
    counts = world.mischief.counts
    faults = counts.total()
    world.mischief.quiet()
    world.scheduler.run_until(world.at_rest, most=LONGEST)
    _check_order(world.broker.queues.accepted)
    _check_nothing_parked(world)
    after = _facts(world)
    retried = counts["handler"] + counts["nack"] > 0
    judge(History(operations=clients.operations, after=after, retried=retried))
    told = "\n".join([*map(str, clients.operations), str(world.broker.queues.accepted), str(after)])
    trace = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Outcome(len(clients.operations), len(world.broker.queues.accepted), faults, trace)


def _make_users(world: World) -> None:
    raw = world.databases.wrapper("quotes").connection
    for user in range(1, USERS + 1):
        raw.execute(
            "INSERT INTO quotes_service_user (id, password, is_superuser, username, first_name,"
            " last_name, email, is_staff, is_active, date_joined)"
            " VALUES (?, '!', 0, ?, '', '', '', 0, 1, '2030-01-01')",
            [user, f"user{user}"],
        )


def _check_order(accepted: list[Message]) -> None:
    """Raise AssertionError if of one subject something older came last.

    What follows a message that was not confirmed is sent again behind it.
    """
    last: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for place, message in enumerate(accepted):
        headers = message.headers
        subject = (headers[SOURCE_HEADER], headers[SUBJECT_HEADER])
        last[subject][int(headers[SEQUENCE_HEADER])] = place
    for subject, places in last.items():
        ordered = [places[sequence] for sequence in sorted(places)]
        assert ordered == sorted(ordered), f"out of order: {subject} {places}"


def _check_nothing_parked(world: World) -> None:
    for service in SERVICES:
        parked = world.databases.rows(service, "SELECT type, error FROM messaging_dead_letter")
        assert parked == [], f"{service} has parked {parked}"


def _facts(world: World) -> Facts:
    rows = world.databases.rows
    quotes = rows("quotes", "SELECT id, title, version, likes FROM quotes_service_quote")
    replica = rows("likes", "SELECT id, title, version FROM likes_service_quote WHERE NOT deleted")
    likes = rows("likes", "SELECT user_id, quote_id FROM likes_service_like")
    return Facts(
        quotes={row[0]: (row[1], row[2], row[3]) for row in quotes},
        replica={row[0]: (row[1], row[2]) for row in replica},
        likes={(row[0], row[1]) for row in likes},
    )
