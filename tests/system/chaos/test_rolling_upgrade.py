"""The last release's processes are replaced by this one's, one by one under load, and then back.

Both work on the same databases and queues; the clients see no difference.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.compose.keys import pem
from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load, under_load
from tests.system.stack import PATIENCE, Stack
from tests.system.subscribers import subscribed
from tests.upgrades.releases import NotInHistory, check_out
from tools.product import Product, prepare
from tools.servers import PrivatePostgres, PrivateRabbitMQ

# As docs/operating.md says: who publishes before who reads, and who is asked before who asks.
ORDER = [
    *("quotes-relay", "quotes-consumer", "quotes"),
    *("likes-relay", "likes-consumer", "likes"),
    *("gateway", "live"),
]
SUBSCRIBERS = 10


class ReleasedStack(Stack):
    """A stack whose management commands are those of the last release."""

    release: Path

    @property
    def environment_of_release(self) -> dict[str, str]:
        """Its programs, and the files of its page, in the same environment."""
        return {
            **self.environment,
            "PATH": f"{self.release / '.venv/bin'}{os.pathsep}{self.environment['PATH']}",
            "STATIC_ROOT": str(self.release / "static"),
        }

    def manage(self, service: str, *arguments: str) -> str:
        """See Stack."""
        return subprocess.run(
            [self.release / ".venv/bin/python", f"{service}/manage.py", *arguments],
            cwd=self.release,
            env=self.environment_of_release,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the last release."""
    try:
        return check_out(tmp_path_factory.mktemp("release"))
    except NotInHistory as error:
        pytest.skip(str(error))


class Upgrade:
    """Both releases in one environment: of each process one of the two runs."""

    def __init__(self, stack: ReleasedStack) -> None:
        self.stack = stack
        self.old = Product(
            stack.environment_of_release,
            lambda name, line: stack.write(f"old {name}", line),
            stack.release,
        )
        self.running: dict[str, Product] = {}

    def start(self) -> None:
        """Run the last release; of this one nothing yet."""
        for service in ("quotes_service", "likes_service"):
            for command in ("migrate", "setup_broker"):
                self.stack.manage(service, command)
        self.stack.manage("gateway", "collectstatic", "--no-input")
        for name in self.stack.product.names:
            self.stack.supervisor.hold(name)
        self.stack.product.start()
        self.old.start()
        self.old.wait_until_ready(patience=PATIENCE)
        self.running = dict.fromkeys(self.old.names, self.old)

    def replace(self, name: str, product: Product) -> None:
        """Have a process of this release take the place of the one that runs."""
        self.running[name].supervisor.hold(name, signal.SIGTERM)
        product.supervisor.release(name)
        product.wait_until_ready(name, patience=PATIENCE)
        self.running[name] = product

    def wait_until_ready(self) -> None:
        """Wait for what runs of either."""
        for name, product in self.running.items():
            product.wait_until_ready(name, patience=PATIENCE)

    def stop(self) -> None:
        """Stop both."""
        self.old.stop()
        self.stack.stop()


@contextmanager
def released(stack: ReleasedStack) -> Iterator[Upgrade]:
    """Have the last release run meanwhile."""
    upgrade = Upgrade(stack)
    try:
        upgrade.start()
        yield upgrade
    except BaseException:
        print(stack.logged()[-20_000:])  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        upgrade.stop()


def replace_all(names: Sequence[str], product: Product, load: Load, upgrade: Upgrade) -> None:
    """Have a release's processes take their places one by one, with writes in between."""
    for name in names:
        upgrade.replace(name, product)
        load.faults += 1
        load.wait_for_more(OPERATIONS)


def test_each_process_upgraded_under_load_and_then_back_breaks_no_promise(
    release: Path, postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ, tmp_path: Path
) -> None:
    stack = ReleasedStack(tmp_path, postgres, rabbitmq, JWT_PRIVATE_KEY=pem())
    stack.release = release
    with released(stack) as upgrade:
        old, new, ready = upgrade.old, stack.product, upgrade.wait_until_ready
        assert set(ORDER) == set(new.names)
        with subscribed(stack, SUBSCRIBERS) as subscribers:
            with under_load(stack, seed=1, wait_until_ready=ready) as load:
                load.wait_for_more(OPERATIONS)
                prepare(stack.environment, seed=False)  # with the last release at work
                load.wait_for_more(OPERATIONS)
                replace_all(ORDER, new, load, upgrade)
                replace_all(ORDER[::-1], old, load, upgrade)
            subscribers.judge(load)
        assert "Traceback" not in stack.logged()
