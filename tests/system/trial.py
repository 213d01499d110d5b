"""`python -m tests.system.trial FILE`: a short trial of the product, whose history is judged.

Clients write while its processes are killed at the points that tell most, on SQLite and the
embedded broker. What they recorded goes into the file. Of `tests/planted/histories.py`, which
plants faults in copies.
"""

import sys
from pathlib import Path

from messaging.brokers import broker_for
from tests.histories.judge import PromiseBroken, judge
from tests.histories.recorded import read, written
from tests.system.fault_points import POINTS, kill_at
from tests.system.load import Load
from tests.system.stack import Stack, running
from tools.children import wait_until

# At each point the processes die with all that has come while they stood still.
POINTS_OF_DEATH = ("before_publish", "after_handling", "after_commit")
OPERATIONS = 100  # before, between and after the deaths
USERS = 4  # few, so that a break is shown by few operations
REST_SECONDS = 10.0  # a faulty product may never be at rest
BROKEN = 3  # the exit code where a promise was broken


def record(stack: Stack) -> Load:
    """Have clients write while processes die; return what was recorded."""
    load = Load(stack, seed=1, users=USERS)
    load.start()
    try:
        load.wait_for_more(OPERATIONS)
        for point in POINTS_OF_DEATH:
            for name in POINTS[point]:
                stack.supervisor.hold(name)
            load.wait_for_more(OPERATIONS)
            load.faults += kill_at(stack, [point], nth=1)
        load.wait_for_more(OPERATIONS)
    finally:
        load.stop()
    return load


def let_rest(stack: Stack) -> None:
    """Wait until all events are handled, or for so long as it may take."""
    broker = broker_for(stack.environment["BROKER_URL"], "trial")

    def at_rest() -> bool:
        states = [broker.queue_state(queue) for queue in ("quotes", "likes")]
        empty = not any(state.ready or state.unacked for state in states)
        return empty and stack.outbox("quotes") == stack.outbox("likes") == 0 and stack.agree()

    try:
        wait_until(at_rest, patience=REST_SECONDS, what="at rest")
    except TimeoutError:
        print(f"Not at rest after {REST_SECONDS:.0f} s.")


def main(file: Path) -> int:
    """Return the exit code: BROKEN if the history shows what was promised never to be."""
    with running() as stack:
        load = record(stack)
        let_rest(stack)
        content = written(load.history())
    file.write_bytes(content)
    try:
        figures = load.recording.figures() | judge(read(content)) | {"faults": load.faults}
    except PromiseBroken as broken:
        print(broken)
        return BROKEN
    print("  ".join(f"{name} {count}" for name, count in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
