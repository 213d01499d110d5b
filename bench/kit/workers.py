"""Programs that do one round whenever they are asked to, so that starting them costs nothing."""

import json
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bench.kit.environments import PEERS, python_of
from bench.kit.processes import Program
from bench.kit.stack import Stack

PATIENCE = 240.0  # seconds that a round may take


class Worker:
    """A program that calls `control.serve`, see `bench/peers/control.py`."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0.2)
            address = {"CONTROL": str(listener.getsockname()[1])}
            self.program = Program(name, command, {**environment, **address}, log)
            self._links: list[socket.socket] = []

            def has_called() -> bool:
                with suppress(TimeoutError):
                    self._links.append(listener.accept()[0])
                return bool(self._links)

            self.program.wait_for(has_called)
        self._links[0].settimeout(PATIENCE)
        self._lines = self._links[0].makefile("rw")

    def work(self, count: int) -> dict[str, float]:
        """Have it do its work on so many events. Return what it reports, and the `seconds`."""
        started = time.perf_counter()
        self._lines.write(f"{count}\n")
        self._lines.flush()
        line = self._lines.readline()
        if not line:
            raise RuntimeError(f"{self.program.name} has ended:\n{self.program.printed()}")
        return {"seconds": time.perf_counter() - started, **json.loads(line)}

    def stop(self) -> None:
        """End it."""
        self.program.stop()


def updater_of_quotes(made: Stack, rate: float) -> Worker:
    """Start what changes a quote so many times a second, as often as it is asked to."""
    command = [sys.executable, "-m", "bench.kit.updaters", str(rate)]
    environment = {**made.environment, "DATABASE_URL": made.database("quotes")}
    return Worker("updaters", command, environment, made.folder / "updaters.log")


def peer(folder: str, script: str, environment: Mapping[str, str], place: Path) -> Worker:
    """Start a script of a peer that works when it is asked to."""
    command, values = peer_command(folder, script)
    name = f"{folder}-{script}"
    return Worker(name, command, {**values, **environment}, place / f"{name}.log")


def peer_command(folder: str, script: str) -> tuple[list[str], dict[str, str]]:
    """Return how to run a script of a peer in its own environment: the command, and what of ours
    it imports.
    """
    command = [str(python_of(folder)), str(PEERS / folder / f"{script}.py")]
    return command, {"PYTHONPATH": f"{PEERS}:{PEERS / folder}"}
