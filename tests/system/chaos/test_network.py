"""The network between the processes and their servers is cut, slow and silent."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from tests.system.chaos.conftest import OPERATIONS
from tests.system.chaos.proxy import Proxy
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until
from tools.servers import PrivatePostgres, PrivateRabbitMQ

Loaded = Callable[[Stack], AbstractContextManager[Load]]
MESSAGING = ("quotes-relay", "quotes-consumer", "likes-relay", "likes-consumer")


@pytest.fixture(scope="module")
def broker_link(rabbitmq: PrivateRabbitMQ) -> Iterator[Proxy]:
    proxy = Proxy(rabbitmq.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def database_link(postgres: PrivatePostgres) -> Iterator[Proxy]:
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def stack(
    postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ, broker_link: Proxy, database_link: Proxy
) -> Iterator[Stack]:
    def through(url: str) -> str:
        return url.replace(f":{postgres.port}/", f":{database_link.port}/")

    urls = {
        f"{service.upper()}_DATABASE_URL": through(postgres.create_database(f"network_{service}"))
        for service in ("quotes", "likes")
    }
    broker = f"amqp://guest:guest@127.0.0.1:{broker_link.port}/?heartbeat=2"
    with running(None, rabbitmq, BROKER_URL=broker, **urls) as stack:
        yield stack


def test_a_half_open_link_to_the_broker_is_found_by_its_heartbeat(
    stack: Stack, loaded: Loaded, broker_link: Proxy
) -> None:
    with loaded(stack) as load:
        broker_link.silent = True
        load.faults += 1
        try:
            for name in MESSAGING:
                wait_until(
                    lambda name=name: stack.product.status(name).get("status") == "retrying",  # type: ignore[misc]
                    patience=PATIENCE,
                    what=f"{name} has found out",
                )
            load.wait_for_more(OPERATIONS)
        finally:
            broker_link.silent = False
            broker_link.cut()
        stack.product.wait_until_ready()


def test_a_process_ends_when_told_to_although_its_broker_is_silent(
    stack: Stack, loaded: Loaded, broker_link: Proxy
) -> None:
    with loaded(stack) as load:
        broker_link.silent = True
        load.faults += 1
        try:
            for name in ("quotes-consumer", "likes-relay"):
                stack.supervisor.hold(name, signal.SIGTERM)  # waits for its end
                stack.supervisor.release(name)
        finally:
            broker_link.silent = False
            broker_link.cut()
        stack.product.wait_until_ready()


def test_a_slow_and_often_cut_network_loses_nothing(
    stack: Stack, loaded: Loaded, broker_link: Proxy, database_link: Proxy
) -> None:
    with loaded(stack) as load:
        broker_link.delay = 0.1
        database_link.delay = 0.005
        try:
            for link in (broker_link, database_link) * 3:
                load.wait_for_more(OPERATIONS // 3)
                link.cut()
                load.faults += 1
        finally:
            broker_link.delay = database_link.delay = 0.0
        stack.product.wait_until_ready()
        load.wait_for_more(OPERATIONS)
