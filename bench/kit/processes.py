"""Programs under test: started, waited for, and measured with all their children."""

import os
import re
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tools import procfile
from tools.children import spawn, stop, wait_until
from tools.environment import ROOT, with_venv

_TICKS = os.sysconf("SC_CLK_TCK")


class Program:
    """A running program. What it prints goes to a file, which a failed start shows."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._log = log
        with log.open("wb") as output:
            self._process = spawn(
                command,
                environment=with_venv({"PATH": os.environ["PATH"], **environment}),
                folder=ROOT,
                output=output,
                death_signal=signal.SIGKILL,
            )

    @property
    def pid(self) -> int:
        """The process that was started; the others descend from it."""
        return self._process.pid

    def wait_for(self, ready: Callable[[], bool], patience: float = 60) -> None:
        """Wait until it is ready. Raises RuntimeError, with what it printed, if it ends."""

        def is_ready() -> bool:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended:\n{self.printed()}")
            return ready()

        wait_until(is_ready, patience=patience, what=f"{self.name} is ready")

    def wait_for_port(self, port: int) -> None:
        """Wait until it listens."""
        self.wait_for(lambda: is_open(port))

    def printed(self) -> str:
        """Return the end of what it has printed."""
        return self._log.read_text()[-2000:]

    def cpu(self) -> float:
        """Return the CPU seconds, user and system, of it and all its children until now."""
        return cpu_of(self.pid)

    def stop(self) -> None:
        """End it, its children included."""
        stop(self._process, number=signal.SIGTERM, patience=10)


def shipped(name: str) -> list[str]:
    """Return the command by which the product starts one of its processes."""
    return ["/bin/sh", "-c", f"exec {procfile.commands()[name]}"]


def cpu_of(pid: int) -> float:
    """Return the CPU seconds, user and system, of a process and all its children until now."""
    return sum(_cpu(each) for each in family(pid))


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds; 0 if it has gone."""
    fields = _fields(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def proportional(pid: int) -> int:
    """Return the bytes of memory of a process and all its children, each page once (PSS)."""
    return sum(map(_proportional, family(pid)))


def is_open(port: int) -> bool:
    """Return whether somebody listens on a port of this machine."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _fields(int(entry))):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def _fields(pid: int) -> list[str]:
    """Return the fields of a process from its state on, proc(5); empty if it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu(pid: int) -> float:
    # utime, stime, and those of children that have ended and been waited for
    fields = _fields(pid)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
