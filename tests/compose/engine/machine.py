"""A machine with a container engine, in namespaces of its own: nothing outside is touched.

Its processes are those of a namespace of process ids, whose first dies with us: then the kernel
ends them all, whatever has ended us.
"""

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from tests.compose.engine.ability import NotHere
from tests.compose.engine.places import DATA, ENGINE, WORK
from tools import children
from tools.environment import ROOT

START, END, TIME = 90.0, 60.0, 300.0  # seconds; the last of any command
LOG = WORK / "dockerd.log"
CGROUP = "/quotes-in-step"  # of all containers; there is one machine at a time
_CLONE_NEWNET = 0x40000000  # of <linux/sched.h>
_NAMESPACES = ("--mount", "--net", "--uts", "--ipc", "--pid")
_ENVIRONMENT = {
    "HOME": "/root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "COMPOSE_ANSI": "never",
    "COMPOSE_PROGRESS": "plain",
    "LC_ALL": "C.UTF-8",
}


class Failed(Exception):
    """A command ended with another exit code than 0; the message has what it printed."""


class Machine:
    """The machine while it runs: `with Machine() as machine: machine.run("docker", "info")`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        _remove_cgroups()  # of a run that was killed
        try:
            self._start()
        except (TimeoutError, RuntimeError):  # a run that was killed may have left half of it
            self.stop()
            shutil.rmtree(DATA)
            DATA.mkdir()
            try:
                self._start()
            except (TimeoutError, RuntimeError) as error:
                self.stop()
                raise NotHere(f"{error} {LOG.read_text()[-500:]}") from error
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _start(self) -> None:
        script = ROOT / "tests" / "compose" / "engine" / "enter.sh"
        places = [str(place) for place in (ENGINE, DATA, WORK)]
        self._process = children.spawn(
            ["unshare", *_NAMESPACES, "--fork", "--kill-child", "--propagation", "private",
             "sh", str(script), *places],
            environment={"PATH": _ENVIRONMENT["PATH"], "CGROUP": CGROUP, "LOG": str(LOG)},
            folder=ROOT,
            output=subprocess.DEVNULL,
            death_signal=signal.SIGKILL,
        )  # fmt: skip
        children.wait_until(self._answers, patience=START, what="dockerd's start", pause=0.3)

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("The engine's machine has ended.")
        return bool(self._children()) and self.try_to("docker", "info").returncode == 0

    def _children(self) -> list[str]:
        if self._process is None:
            return []
        pid = self._process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    @property
    def pid(self) -> int:
        """Its first process."""
        [first] = self._children()
        return int(first)

    def stop(self) -> None:
        """End dockerd in good order, then whatever is left."""
        if self._process is not None:
            if self._process.poll() is None and self._children():
                os.kill(self.pid, signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(END)
            children.stop(self._process, number=signal.SIGKILL, patience=10)
            self._process = None
        _remove_cgroups()

    def try_to(
        self, *command: str, folder: Path = WORK, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there, and return how it ended."""
        variables = [
            f"{name}={value}" for name, value in (_ENVIRONMENT | dict(environment or {})).items()
        ]
        enter = ["nsenter", "--target", str(self.pid), *_NAMESPACES, "--root"]
        return subprocess.run(
            [*enter, "--", "env", "-i", f"--chdir={folder}", *variables, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME,
            check=False,
        )

    def run(
        self, *command: str, folder: Path = WORK, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run a command there, and return what it prints. Raise Failed."""
        run = self.try_to(*command, folder=folder, environment=environment)
        if run.returncode:
            raise Failed(f"{' '.join(command)}: {run.stdout[-3000:]}{run.stderr[-3000:]}")
        return run.stdout

    @contextmanager
    def network(self) -> Iterator[None]:
        """Be on its network meanwhile: this thread, and those and the processes it starts."""
        with Path("/proc/thread-self/ns/net").open() as ours:
            with Path(f"/proc/{self.pid}/ns/net").open() as theirs:
                _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())


def _remove_cgroups() -> None:
    for place in Path("/sys/fs/cgroup").glob(f"**{CGROUP}"):
        for folder in sorted(place.glob("**/"), reverse=True):
            folder.rmdir()


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
