"""Ports that are taken or make no sense are said plainly."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from subprocess import PIPE

import pytest

from tools.environment import ROOT
from tools.ports import (
    DEFAULTS,
    PortProblem,
    check_ports,
    configured_ports,
    free_port,
    why_not,
)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_without_settings_the_ports_are_the_documented_ones() -> None:
    ports = configured_ports({})
    assert ports == DEFAULTS
    web = [ports[f"{name}_PORT"] for name in ("GATEWAY", "QUOTES", "LIKES", "LIVE")]
    assert web == [8000, 8001, 8002, 8003]


def test_each_port_can_be_set() -> None:
    assert configured_ports({"LIKES_PORT": "9002"})["LIKES_PORT"] == 9002


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80 ", "\uff18\uff10"])
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(PortProblem, match="GATEWAY_PORT must be a port"):
        configured_ports({"GATEWAY_PORT": text})


def test_a_taken_port_is_named_with_the_variable_that_moves_it(taken: int) -> None:
    with pytest.raises(PortProblem) as raised:
        check_ports({"QUOTES_PORT": taken, "LIKES_PORT": free_port()})
    assert str(raised.value) == (f"Port {taken} is taken: stop what uses it, or set QUOTES_PORT.")


def test_all_taken_ports_are_named_at_once(taken: int) -> None:
    with pytest.raises(PortProblem) as raised:
        check_ports({"QUOTES_PORT": taken, "LIKES_PORT": taken})
    assert str(raised.value).splitlines() == [
        f"Port {taken} is taken: stop what uses it, or set QUOTES_PORT.",
        f"LIKES_PORT and QUOTES_PORT are both {taken}.",
    ]


def test_a_free_port_is_free() -> None:
    assert why_not(free_port()) == ""


def test_processes_and_threads_that_ask_at_once_get_ports_of_their_own() -> None:
    ask = "from tools.ports import free_port; print([free_port() for _ in range(300)]); input()"
    command = [sys.executable, "-c", ask]
    with ExitStack() as stack:
        askers = [
            stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True)
            )
            for _ in range(4)
        ]
        given = [json.loads(asker.stdout.readline()) for asker in askers if asker.stdout]
        with ThreadPoolExecutor(8) as pool:
            given.append(list(pool.map(lambda _: free_port(), range(300))))
        for asker in askers:
            asker.communicate("\n")
    ports = [port for each in given for port in each]
    assert len(ports) == len(set(ports)) == 1500
