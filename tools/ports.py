"""TCP ports: which ones the product listens at, whether they are free, and free ones to use."""

import fcntl
import os
import random
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tools import procfile
from web.environment import EnvironmentProblem, configured

HOST = "127.0.0.1"
# What `make run` listens at: the variable that sets the port, and the port without it.
DEFAULTS = procfile.default_ports()
# Linux gives its clients ports from 32768 on, and what the product listens at is below these.
SERVER_PORTS = range(20000, 32768)
_claiming = threading.Lock()
_claimed: set[int] = set()
_claims: IO[str] | None = None  # open while the process lives: closing it would end its locks


class PortProblem(Exception):
    """The ports can't be used as they are set; the message says which and what to do."""


def configured_ports(environment: Mapping[str, str]) -> dict[str, int]:
    """Return the port of each variable of DEFAULTS. Raises PortProblem for one that is none."""
    ports: dict[str, int] = {}
    for variable, default in DEFAULTS.items():
        text = environment.get(variable) or str(default)
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise PortProblem(f"{variable} must be a port from 1 to 65535, not {text!r}.")
        ports[variable] = int(text)
    return ports


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise PortProblem, with a line for each port, unless all are free and differ."""
    problems: list[str] = []
    users: dict[int, str] = {}
    for variable, port in ports.items():
        if port in users:
            problems.append(f"{variable} and {users[port]} are both {port}.")
        elif fault := why_not(port):
            problems.append(f"Port {port} is {fault}: stop what uses it, or set {variable}.")
        users[port] = variable
    if problems:
        raise PortProblem("\n".join(problems))


def why_not(port: int, host: str = HOST) -> str:
    """Say why one can't listen at the port, or nothing if one can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections that have ended but linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except PermissionError:
            return "not allowed to this user"
        except OSError:
            return "taken"
    return ""


def free_port(host: str = HOST) -> int:
    """Return a port that is free, and that no other process is given until this one ends.

    A server binds it a while later. So it isn't one of those that the system gives to clients.
    """
    global _claims
    with _claiming:
        _claims = _claims or (Path(tempfile.gettempdir()) / f"quotes-ports-{os.getuid()}").open("w")
        for port in random.sample(SERVER_PORTS, len(SERVER_PORTS)):
            if port not in _claimed and _claim(_claims.fileno(), port) and not why_not(port, host):
                _claimed.add(port)
                return port
    raise PortProblem("No port is free.")


def _claim(file: int, port: int) -> bool:
    """Lock the port's byte of the file. The system ends the lock with the process."""
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    try:
        check_ports(configured_ports(configured()))
    except (PortProblem, EnvironmentProblem) as problem:
        sys.exit(str(problem))
