"""Two relays and three consumers of each service at once; some are frozen, and thaw later."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until
from tools.environment import ROOT
from tools.servers import PrivatePostgres, PrivateRabbitMQ
from tools.supervisor import Program, Supervisor

Loaded = Callable[[Stack], AbstractContextManager[Load]]


@pytest.fixture(scope="module")
def stack(postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ) -> Iterator[Stack]:
    """With a heartbeat of two seconds, so that who is frozen is soon given up."""
    with running(postgres, rabbitmq, BROKER_URL=f"{rabbitmq.url}?heartbeat=2") as stack:
        yield stack


@pytest.fixture
def others(stack: Stack) -> Iterator[Supervisor]:
    """One more relay and two more consumers of each service."""
    programs = [
        Program(
            f"{service}-{role}-{number}",
            ["python", f"{service}_service/manage.py", command],
            stack.environment,
            ROOT,
        )
        for service in ("quotes", "likes")
        for role, command, count in (("relay", "relay", 1), ("consumer", "consume", 2))
        for number in range(2, 2 + count)
    ]
    supervisor = Supervisor(programs, stack.write)
    supervisor.start()
    yield supervisor
    supervisor.stop()


def test_many_of_each_lose_and_double_nothing_whoever_dies(
    stack: Stack, others: Supervisor, loaded: Loaded
) -> None:
    with loaded(stack) as load:
        for name in ("quotes-relay", "quotes-consumer", "likes-relay", "likes-consumer"):
            stack.supervisor.send(name, signal.SIGKILL)
            load.faults += 1
            load.wait_for_more(OPERATIONS)


@pytest.mark.parametrize("frozen", ["quotes-consumer", "likes-consumer", "quotes-relay"])
def test_one_that_was_frozen_beyond_the_heartbeat_does_no_harm_when_it_thaws(
    stack: Stack, others: Supervisor, loaded: Loaded, frozen: str
) -> None:
    with loaded(stack) as load:
        since = len(stack.logged())
        stack.supervisor.send(frozen, signal.SIGSTOP)
        load.faults += 1
        try:
            if stack.rabbitmq is not None:
                rabbitmq, name = stack.rabbitmq, f"{stack.supervisor.pid(frozen)}"
                wait_until(
                    lambda: (
                        f" {name} " not in rabbitmq.ctl("list_connections", "client_properties")
                    ),
                    patience=PATIENCE,
                    what="the broker has given it up",
                )
            load.wait_for_more(OPERATIONS)
        finally:
            stack.supervisor.send(frozen, signal.SIGCONT)
        load.wait_for_more(OPERATIONS)
        stack.product.wait_until_ready()
        assert "Traceback" not in stack.logged()[since:]
