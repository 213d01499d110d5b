"""createQuote and likeQuote through the gateway, beside the same REST calls made directly.

python -m bench.mutations [--seconds 2] [--rounds 5] [NAME …]
"""

import argparse
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from bench.kit.load import Operation, loaded
from bench.kit.processes import Program, cpu_of
from bench.kit.report import Report
from bench.kit.rounds import LEAST_ROUNDS, Figures, interleaved
from bench.kit.stack import Stack, stack
from bench.kit.writers import Writer
from tools.children import wait_until
from tools.ports import configured_ports
from tools.product import PORT_OF

CLIENTS = 16
USERS = 100
IDLE = 3.0  # seconds of doing nothing that are measured first
WEB = ("gateway", "quotes", "likes")
DIRECTLY = ", directly"
KINDS: dict[str, Callable[[Writer], Operation]] = {
    "createQuote": lambda writer: writer.create,
    f"createQuote{DIRECTLY}": lambda writer: writer.create_directly,
    "likeQuote": lambda writer: writer.like,
    f"likeQuote{DIRECTLY}": lambda writer: writer.like_directly,
}


def main() -> None:
    """Measure, print the tables and write their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names; both if there is none")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    asked = parser.parse_args()
    with stack() as made, ExitStack() as running:
        programs = {}
        for name in PORT_OF:
            programs[name] = made.start(name)
            running.callback(programs[name].stop)
        tokens = made.tokens(USERS)
        load = Load(made, programs, tokens, asked.seconds)
        contestants = {
            name: partial(load.round, kind)
            for name, kind in KINDS.items()
            if not asked.names or any(part.lower() in name.lower() for part in asked.names)
        }
        found = interleaved(contestants, asked.rounds)
    for name in KINDS:
        if name in found and not name.endswith(DIRECTLY):
            pair = {each: found[each] for each in (name, f"{name}{DIRECTLY}")}
            Report(name, pair, ours=name, yardsticks=[f"{name}{DIRECTLY}"]).show()


class Load:
    """Rounds of load, with what they cost all processes of the product and its servers."""

    def __init__(
        self,
        made: Stack,
        programs: Mapping[str, Program],
        tokens: Sequence[str],
        seconds: float,
    ) -> None:
        self._made, self._programs, self._seconds = made, programs, seconds
        ports = configured_ports(made.environment)
        self._ports, self._tokens = {name: ports[PORT_OF[name]] for name in WEB}, tokens
        self._numbers = itertools.count(1)
        # What they spend a second on doing nothing would count more for whoever is slower.
        before = self._spent()
        time.sleep(IDLE)
        self._idle = {name: (now - before[name]) / IDLE for name, now in self._spent().items()}

    def round(self, kind: Callable[[Writer], Operation]) -> Figures:
        """Load them, and wait until what was written has arrived everywhere."""
        # New clients: the services close connections that have been idle for half a minute.
        operations = [kind(Writer(self._ports, self._tokens)) for _ in range(CLIENTS)]
        loaded(operations, self._numbers, seconds=0.5)  # what has been idle is cold
        self._wait_until_arrived()
        before, started = self._spent(), time.perf_counter()
        figures = loaded(operations, self._numbers, seconds=self._seconds)
        self._wait_until_arrived()
        lasted = time.perf_counter() - started
        return figures | {
            name: (spent - before[name] - self._idle[name] * lasted) * 1000 / figures["requests"]
            for name, spent in self._spent().items()
        }

    def _spent(self) -> dict[str, float]:
        """Return the CPU seconds until now."""
        of = {name: program.cpu() for name, program in self._programs.items()}
        servers = cpu_of(self._made.postgres.pid) + cpu_of(self._made.rabbitmq.pid)
        return {
            "CPU ms": sum(of.values()) + servers,
            "of it gateway and REST": sum(of[name] for name in WEB),
        }

    def _wait_until_arrived(self) -> None:
        wait_until(self._has_arrived, patience=60, what="the arrival of all events")

    def _has_arrived(self) -> bool:
        services = ("quotes", "likes")
        return not any(self._outbox(each) or self._made.waiting(each) for each in services)

    def _outbox(self, service: str) -> int:
        with self._made.connect(service) as connection:
            row = connection.execute("SELECT count(*) FROM messaging_outbox").fetchone()
            return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
