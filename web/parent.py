"""Processes that end with the one that started them, whatever ends that."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>


def end_with_parent(number: int) -> Callable[[], None]:
    """Return what a child calls before it runs its program, to be sent the signal `number` when
    its parent dies, even by SIGKILL. It does nothing where the system isn't Linux.
    """
    return _end_with(os.getpid(), number)


def end_with_server() -> None:
    """Have this worker killed when the server that manages it dies: nobody else would end it, and
    it would keep the port. It does nothing in a process that is no worker.
    """
    server = multiprocessing.parent_process()
    if server is not None and server.pid is not None:
        _end_with(server.pid, signal.SIGKILL)()


def _end_with(parent: int, number: int) -> Callable[[], None]:
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up before the fork

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it has died in between
            os.kill(os.getpid(), number)

    return ask
