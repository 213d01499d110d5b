"""Three RabbitMQ nodes, each killed in turn under load."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until
from tools.servers import PrivatePostgres, PrivateRabbitMQ

Loaded = Callable[[Stack], AbstractContextManager[Load]]


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[PrivateRabbitMQ]]:
    with ExitStack() as servers:
        first = servers.enter_context(PrivateRabbitMQ(name="one@localhost"))
        nodes = [first]
        for name in ("two@localhost", "three@localhost"):
            node = servers.enter_context(PrivateRabbitMQ(name=name, beside=first))
            node.join(first.name)
            nodes.append(node)
        yield nodes


@pytest.fixture(scope="module")
def stack(postgres: PrivatePostgres, nodes: list[PrivateRabbitMQ]) -> Iterator[Stack]:
    with running(postgres, BROKER_URL=",".join(node.url for node in nodes)) as stack:
        yield stack


def members(node: PrivateRabbitMQ) -> set[int]:
    """Return how many nodes hold each queue."""
    lines = node.ctl("list_queues", "name", "online").splitlines()[1:]
    return {line.count("@") for line in lines if line}


def test_each_node_killed_in_turn_loses_nothing(
    stack: Stack, loaded: Loaded, nodes: list[PrivateRabbitMQ]
) -> None:
    assert members(nodes[0]) == {3}
    with loaded(stack) as load:
        for node in nodes:
            node.kill()
            load.faults += 1
            load.wait_for_more(OPERATIONS)
            stack.product.wait_until_ready()
            node.start()
            others = [other for other in nodes if other is not node]
            wait_until(
                lambda others=others: members(others[0]) == {3},  # type: ignore[misc]
                patience=PATIENCE,
                what="all queues are held by three nodes again",
            )
            load.wait_for_more(OPERATIONS)
