"""Child processes that don't outlive us, whatever ends us."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from web.parent import end_with_parent


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    output: int | IO[bytes] | None = None,
    death_signal: int = signal.SIGTERM,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program as the leader of a new process group, with stderr going to stdout.

    It gets `death_signal` when we die. The thread that calls this must live as long as we do:
    to the system, it is the parent.
    """
    account = {"user": user, "group": user, "extra_groups": []} if user else {}
    return subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=end_with_parent(death_signal),
        **account,  # type: ignore[call-overload]
    )


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the process and all those it has started, if any is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def stop(process: subprocess.Popen[bytes], *, number: int, patience: float) -> None:
    """End the process by a signal to it, and after `patience` seconds its group by force."""
    if process.poll() is None:
        process.send_signal(number)
    await_end(process, patience=patience)


def await_end(process: subprocess.Popen[bytes], *, patience: float) -> None:
    """Wait for the end of a process, and after `patience` seconds end its group by force."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    signal_group(process, signal.SIGKILL)
    process.wait()


def wait_until(
    condition: Callable[[], bool], *, patience: float, what: str, pause: float = 0.05
) -> None:
    """Wait for a condition. Raises TimeoutError, which says `what` has not come."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {patience:.0f} s")
        time.sleep(pause)
