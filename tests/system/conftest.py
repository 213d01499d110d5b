"""The product on its two kinds of servers."""

from collections.abc import Iterator

import pytest

from tests.system.stack import Stack, running
from tools.servers import PrivatePostgres, PrivateRabbitMQ

KINDS = ["PostgreSQL and RabbitMQ", "SQLite and the embedded broker"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A server that these tests may stop and start."""
    with PrivatePostgres() as postgres:
        yield postgres


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[PrivateRabbitMQ]:
    """A node that these tests may stop and start."""
    with PrivateRabbitMQ() as rabbitmq:
        yield rabbitmq


@pytest.fixture(scope="session", params=KINDS)
def shared_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The running product, on each kind of servers; the tests share it."""
    if request.param == KINDS[1]:
        with running() as stack:
            yield stack
        return
    # A node of its own: another product on the same one would take its messages.
    postgres = request.getfixturevalue("postgres")
    with PrivateRabbitMQ() as node, running(postgres, node) as stack:
        yield stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The running product; what an earlier test started again is ready."""
    shared_stack.product.wait_until_ready()
    return shared_stack


@pytest.fixture
def node(stack: Stack) -> PrivateRabbitMQ:
    """The RabbitMQ of the running product; skips where the embedded broker stands in for it."""
    if stack.rabbitmq is None:
        pytest.skip("It is the embedded broker here.")
    return stack.rabbitmq
