"""`make run`: the whole product in the foreground, until Ctrl-C."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import cycle
from types import FrameType

from tools import procfile
from tools.brokers import Choice, choose
from tools.environment import VAR
from tools.ports import PortProblem, check_ports, configured_ports
from tools.product import CommandFailed, Product, complete, prepare
from web.environment import configured, record

COLOURS = (36, 33, 32, 35, 31, 34)  # ANSI's cyan, yellow, green, magenta, red and blue


class Stop:
    """Whether somebody has asked for the end.

    A signal's handler runs inside whatever the main thread is doing, so it must take no lock, as
    `threading.Event` would.
    """

    def __init__(self) -> None:
        self._asked = False

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Ask for it: the handler."""
        self._asked = True

    def is_set(self) -> bool:
        """Return whether it was asked for."""
        return self._asked


def main() -> int:
    """Run it, and return the exit code."""
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.ask)
    VAR.mkdir(exist_ok=True)
    try:
        caller = configured()
        _check_databases(caller)
        check_ports(configured_ports(caller))
        choice = choose(caller, VAR)
        with _node(choice):
            chosen = {**caller, "BROKER_URL": choice.url}
            record(chosen)
            environment = complete(chosen, VAR)
            _say("Migrating the databases …")
            prepare(environment)
            return 0 if stop.is_set() else _keep_running(environment, choice, stop)
    except (PortProblem, CommandFailed, RuntimeError, TimeoutError) as problem:
        print(problem, file=sys.stderr)
        return 1


def _check_databases(environment: Mapping[str, str]) -> None:
    """Raise RuntimeError for what commands of either service would take for its database."""
    own = [procfile.database_variable(service) for service in procfile.services()]
    if environment.get("DATABASE_URL") and not all(environment.get(name) for name in own):
        raise RuntimeError(
            f"DATABASE_URL is for a process of one service, and make run has {len(own)}: "
            f"set {' and '.join(own)}."
        )


@contextlib.contextmanager
def _node(choice: Choice) -> Iterator[None]:
    if choice.node is None:
        yield
        return
    _say("Starting RabbitMQ …")
    with choice.node:
        yield


def _keep_running(environment: dict[str, str], choice: Choice, stop: Stop) -> int:
    product = Product(environment, Lines(list(procfile.commands())))
    product.start()
    try:
        banner = threading.Thread(target=_greet, args=[product, choice, stop], daemon=True)
        banner.start()
        while not stop.is_set():
            time.sleep(0.3)
            if choice.node is not None and not choice.node.alive():
                _say("RabbitMQ died: starting it again …")
                choice.node.start()
    finally:
        _say("Stopping …")
        product.stop()
    return 0


def _greet(product: Product, choice: Choice, stop: Stop) -> None:
    try:
        product.wait_until_ready()
    except TimeoutError as problem:
        _say(f"{problem} (see above why)")
        return
    if stop.is_set():
        return
    password = product.environment.get("DEMO_PASSWORD") or "wise-words-2026"
    port = product.ports["GATEWAY_PORT"]
    _say(
        f"""
  Quotes is ready.

    The page       http://127.0.0.1:{port}/
    GraphiQL       http://127.0.0.1:{port}/graphql
    Subscriptions  {product.url("live", "/graphql")}
    REST           {_urls(product, "/docs")}
    Admin          {_urls(product, "/admin/")}
                   (user admin, the same password)
    Demo user      demo, password {password}  (unless the database was not empty)

    The broker is {choice.what}.
    For another: {choice.other}.

  Ctrl-C stops everything.
"""
    )


def _urls(product: Product, path: str) -> str:
    urls = [product.url(service, path) for service in procfile.services()]
    return "  ".join(f"{url:<28}" for url in urls).rstrip()


class Lines:
    """Prints each line behind the time and its process's name, in colours on a terminal."""

    def __init__(self, names: Sequence[str]) -> None:
        self._width = max(map(len, names))
        colours = dict(zip(names, cycle(COLOURS), strict=False))
        self._colours = colours if sys.stdout.isatty() else {}
        self._lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        start = f"{datetime.now().astimezone():%H:%M:%S} {name:<{self._width}} | "
        if name in self._colours:
            start = f"\033[{self._colours[name]}m{start}\033[0m"
        with self._lock:
            _say(start + line)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
