"""The supervisor keeps programs running, and leaves none behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.children import wait_until
from tools.supervisor import Program, Supervisor

PATIENCE = 30.0


class Lines(list[tuple[str, str]]):
    """What the programs print."""

    def __call__(self, name: str, line: str) -> None:
        self.append((name, line))

    def has(self, part: str) -> Callable[[], bool]:
        """Return a condition: some line has this part."""
        return lambda: any(part in line for _, line in self)


@contextmanager
def supervised(script: str, lines: Lines) -> Iterator[Supervisor]:
    environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    program = Program("one", [sys.executable, "-c", script], environment, Path("/"))
    supervisor = Supervisor([program], lines)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


REST = "; import time; time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
SLEEPER = f"import os; print('pid', os.getpid()){REST}"


def test_what_a_program_prints_is_handed_on_with_its_name() -> None:
    lines = Lines()
    with supervised(SLEEPER, lines):
        wait_until(lines.has("pid"), patience=PATIENCE, what="a line")
    assert lines[0][0] == "one"


def test_a_program_that_is_killed_is_started_again_and_that_is_said() -> None:
    lines = Lines()
    with supervised(SLEEPER, lines) as supervisor:
        wait_until(lines.has("pid"), patience=PATIENCE, what="its start")
        first = supervisor.pid("one")
        supervisor.send("one", signal.SIGKILL)
        wait_until(
            lambda: supervisor.pid("one") not in (first, None), patience=PATIENCE, what="its return"
        )
    assert ("one", "ended (signal SIGKILL), restarting it") in lines


def test_a_program_that_ends_at_once_is_started_again_more_and_more_slowly() -> None:
    lines = Lines()
    with supervised("raise SystemExit(3)", lines) as supervisor:
        wait_until(lines.has("exit code 3"), patience=PATIENCE, what="its end")
        state = supervisor._states["one"]
        wait_until(lambda: state.pause > 1, patience=PATIENCE, what="a longer pause")


def test_a_held_program_stays_down_until_it_is_released() -> None:
    lines = Lines()
    with supervised(SLEEPER, lines) as supervisor:
        wait_until(lines.has("pid"), patience=PATIENCE, what="its start")
        supervisor.hold("one")
        assert supervisor.pid("one") is None
        supervisor.release("one")
        wait_until(lambda: supervisor.pid("one") is not None, patience=PATIENCE, what="its return")


def test_what_is_started_anew_on_demand_has_not_died() -> None:
    lines = Lines()
    with supervised("import os; print('round', os.environ.get('ROUND'))" + REST, lines) as one:
        wait_until(lines.has("round"), patience=PATIENCE, what="its start")
        one.rearm("one", ROUND="2")
        wait_until(lines.has("round 2"), patience=PATIENCE, what="its new start")
    assert not lines.has("restarting")()


STUBBORN = (
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print('child', child.pid)\n"
    "time.sleep(600)\n"
)


def test_what_a_killed_program_has_started_ends_with_it() -> None:
    lines = Lines()
    with supervised(STUBBORN, lines) as supervisor:
        wait_until(lines.has("child"), patience=PATIENCE, what="its child")
        child = int(lines[0][1].split()[1])
        os.kill(supervisor.pid("one") or 0, signal.SIGKILL)
        wait_until(lambda: not is_there(child), patience=PATIENCE, what="the child's end")


def test_stopping_ends_a_program_that_ignores_it_and_what_it_has_started() -> None:
    lines = Lines()
    with supervised(STUBBORN, lines) as supervisor:
        wait_until(lines.has("child"), patience=PATIENCE, what="its child")
        parent = supervisor.pid("one")
    assert parent is not None
    assert not is_there(parent)
    child = int(lines[0][1].split()[1])
    wait_until(lambda: not is_there(child), patience=PATIENCE, what="the child's end")


@pytest.mark.parametrize("program", [SLEEPER, f"{DEAF}; {SLEEPER}"], ids=["any", "deaf"])
def test_nothing_outlives_a_supervisor_that_is_killed(program: str) -> None:
    script = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from tools.supervisor import Program, Supervisor\n"
        f"command = [sys.executable, '-c', {program!r}]\n"
        "program = Program('one', command, dict(os.environ), Path('/'))\n"
        "Supervisor([program], lambda name, line: print(line, flush=True)).start()\n"
        "time.sleep(600)\n"
    )
    root = Path(__file__).parents[2]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
    ) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline().split()[1])
        supervisor.kill()
        supervisor.wait()
        wait_until(lambda: not is_there(child), patience=PATIENCE, what="the child's end")
