"""`make run` of a checkout, as its user has it, but for the installation before it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import procfile
from tools.children import wait_until
from tools.ports import free_port

PATIENCE = 120.0
# On a busy machine a service may take longer than a user should wait.
PATIENT = {"UPSTREAM_CONNECT_TIMEOUT": "20", "UPSTREAM_READ_TIMEOUT": "20", "REQUEST_BUDGET": "60"}


class Run:
    """What `make run` starts once all is installed, and what it has printed."""

    def __init__(self, checkout: Path, **environment: str) -> None:
        self.ports = {name: str(free_port()) for name in procfile.default_ports(checkout)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"],
            cwd=checkout,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(checkout),
                "PYTHONUNBUFFERED": "1",
                **PATIENT,
                **self.ports,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.checkout = checkout
        self.printed = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def wait_for_banner(self) -> None:
        wait_until(
            lambda: "Ctrl-C stops everything" in self.printed or self.process.poll() is not None,
            patience=PATIENCE,
            what="the banner",
        )
        assert self.process.poll() is None, self.printed

    def processes(self) -> set[int]:
        """Return all processes that work for this checkout."""
        found = set()
        for entry in Path("/proc").iterdir():
            try:
                environment = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
            except OSError:
                continue
            if str(self.checkout).encode() in environment:
                found.add(int(entry.name))
        return found

    def wait_for_the_end_of_all(self) -> None:
        """Wait until no process works for this checkout any more."""
        left: list[str] = []

        def ended() -> bool:
            left[:] = [f"{pid} {_command(pid)}" for pid in self.processes()]
            return not left

        try:
            wait_until(ended, patience=PATIENCE, what="all processes have ended")
        except TimeoutError:
            raise AssertionError(f"still there: {left}\n{self.printed[-3000:]}") from None

    def url(self, name: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
    except OSError:
        return ""


@contextmanager
def make_run(checkout: Path, **environment: str) -> Iterator[Run]:
    run = Run(checkout, **environment)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGTERM)
        run.process.wait(60)
