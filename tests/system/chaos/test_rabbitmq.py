"""RabbitMQ misbehaves under load, each way that it can."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pika
import pytest
import requests

from tests.system.chaos.conftest import OPERATIONS
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until
from tools.servers import PrivatePostgres, PrivateRabbitMQ

Loaded = Callable[[Stack], AbstractContextManager[Load]]
PROCESSES = ("quotes-relay", "quotes-consumer", "likes-relay", "likes-consumer")


@pytest.fixture(scope="module")
def stack(postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ) -> Iterator[Stack]:
    """On a RabbitMQ whose account can be spoilt."""
    rabbitmq.ctl("add_user", "app", "password-of-app")
    rabbitmq.ctl("set_permissions", "app", ".*", ".*", ".*")
    url = rabbitmq.url.replace("guest:guest", "app:password-of-app")
    with running(postgres, rabbitmq, BROKER_URL=url) as stack:
        yield stack
    rabbitmq.ctl("delete_user", "app")


def ctl(stack: Stack, *arguments: str) -> str:
    assert stack.rabbitmq is not None
    return stack.rabbitmq.ctl(*arguments)


def until_logged(stack: Stack, text: str, since: int) -> None:
    wait_until(lambda: text in stack.logged()[since:], patience=PATIENCE, what=f"{text!r} is said")


def web_answers(stack: Stack) -> bool:
    return all(
        requests.get(stack.product.url(name, "/readyz"), timeout=10).status_code == 200
        for name in ("gateway", "quotes", "likes")
    )


def test_connections_closed_by_the_broker_are_opened_again(stack: Stack, loaded: Loaded) -> None:
    with loaded(stack) as load:
        for _ in range(3):
            ctl(stack, "close_all_connections", "the operator says so")
            load.faults += 1
            load.wait_for_more(OPERATIONS)
            stack.product.wait_until_ready()


def test_a_broker_killed_and_started_again_has_lost_nothing(stack: Stack, loaded: Loaded) -> None:
    assert stack.rabbitmq is not None
    with loaded(stack) as load:
        for _ in range(2):
            stack.rabbitmq.kill()
            load.faults += 1
            load.wait_for_more(OPERATIONS)
            stack.rabbitmq.start()
            stack.product.wait_until_ready()
            load.wait_for_more(OPERATIONS)


@pytest.mark.parametrize(
    ("alarm", "end"),
    [
        (["set_vm_memory_high_watermark", "0.000001"], ["set_vm_memory_high_watermark", "0.4"]),
        (["set_disk_free_limit", "9999GB"], ["set_disk_free_limit", "50MB"]),
    ],
    ids=["memory", "disk"],
)
def test_an_alarm_blocks_the_relays_which_say_so_and_the_web_stays_up(
    stack: Stack, loaded: Loaded, alarm: list[str], end: list[str]
) -> None:
    with loaded(stack) as load:
        ctl(stack, *alarm)
        load.faults += 1
        try:
            wait_until(
                lambda: stack.product.status("likes-relay").get("status") == "blocked",
                patience=PATIENCE,
                what="the relay says that it is blocked",
            )
            load.wait_for_more(OPERATIONS)
            assert web_answers(stack)
            assert stack.outbox("likes") > 0
        finally:
            ctl(stack, *end)
        stack.product.wait_until_ready()
        load.wait_for_more(OPERATIONS)


def test_a_full_queue_refuses_and_nothing_is_lost(stack: Stack, loaded: Loaded) -> None:
    with loaded(stack) as load:
        stack.supervisor.hold("quotes-consumer")
        ctl(stack, "set_policy", "full", "^quotes$", '{"max-length": 5}', "--apply-to", "queues")
        load.faults += 1
        since = len(stack.logged())
        load.wait_for_more(OPERATIONS)
        until_logged(stack, "nack", since)
        ctl(stack, "clear_policy", "full")
        stack.supervisor.release("quotes-consumer")
        load.wait_for_more(OPERATIONS)


def test_a_queue_deleted_under_its_consumer_is_declared_again(stack: Stack, loaded: Loaded) -> None:
    with loaded(stack) as load:
        # Confirmed messages that a deleted queue held are gone: nothing must be in it.
        for name in ("quotes-relay", "likes-relay"):
            stack.supervisor.hold(name)
        wait_until(lambda: _ready(stack) == {"0"}, patience=PATIENCE, what="empty queues")
        for queue in ("quotes", "likes"):
            ctl(stack, "delete_queue", queue)
            load.faults += 1
        for name in ("quotes-relay", "likes-relay"):
            stack.supervisor.release(name)
        stack.product.wait_until_ready()
        load.wait_for_more(OPERATIONS)


def test_an_exchange_that_is_missing_is_declared_again(stack: Stack, loaded: Loaded) -> None:
    assert stack.rabbitmq is not None
    with loaded(stack) as load:
        parameters = pika.URLParameters(stack.rabbitmq.url)
        with pika.BlockingConnection(parameters) as connection:
            connection.channel().exchange_delete("events")
        load.faults += 1
        load.wait_for_more(OPERATIONS)
        stack.product.wait_until_ready()


def test_wrong_credentials_are_said_and_tried_again_ever_more_slowly(
    stack: Stack, loaded: Loaded
) -> None:
    with loaded(stack) as load:
        since = len(stack.logged())
        ctl(stack, "change_password", "app", "another password")
        ctl(stack, "close_all_connections", "the password was changed")
        load.faults += 1
        until_logged(stack, "ACCESS_REFUSED", since)
        load.wait_for_more(OPERATIONS)
        assert web_answers(stack)
        assert "password-of-app" not in stack.logged()
        ctl(stack, "change_password", "app", "password-of-app")
        stack.product.wait_until_ready()
        load.wait_for_more(OPERATIONS)


def _ready(stack: Stack) -> set[str]:
    lines = ctl(stack, "list_queues", "name", "messages").splitlines()[1:]
    counts = dict(line.split("\t") for line in lines if line)
    return {counts["quotes"], counts["likes"]}
