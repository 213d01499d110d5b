"""The named points at which a process is killed, and killing it there."""

from collections.abc import Sequence

from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

WEB, RELAYS = ("quotes", "likes"), ("quotes-relay", "likes-relay")
CONSUMERS = ("quotes-consumer", "likes-consumer")
POINTS = {
    "before_outbox_insert": WEB,  # the row is written, its event is not
    "before_commit": WEB,  # both are, and nothing is committed
    "before_publish": RELAYS,  # committed, and the broker has nothing
    "after_publish": RELAYS,  # the broker may have it, and has not confirmed it
    "after_confirm": RELAYS,  # confirmed, and the row is still there
    "after_handling": CONSUMERS,  # handled, and not committed
    "after_commit": CONSUMERS,  # committed, and not acked
}


def deaths(stack: Stack, name: str) -> int:
    """Return how often a process, or one of a web server's workers, was killed."""
    return sum(
        f"{name} |" in line and ("signal SIGKILL" in line or "Unexpected exit from worker" in line)
        for line in stack.logged().splitlines()
    )


def kill_at(stack: Stack, points: Sequence[str], *, nth: int = 3) -> int:
    """Have the processes of these points die there under load; return how many have died.

    Not at once, so that what a process dies with is not the same each time.
    """
    dying = {name: point for point in points for name in POINTS[point]}
    before = {name: deaths(stack, name) for name in dying}
    for name, point in dying.items():
        stack.supervisor.rearm(name, FAULT_POINT=f"{point}:kill:{nth}")
    for name, point in dying.items():
        wait_until(
            lambda name=name: deaths(stack, name) > before[name],  # type: ignore[misc]
            patience=PATIENCE,
            what=f"{name} has died at {point}",
        )
        stack.supervisor.rearm(name)
    return len(dying)
