"""Each alert is fired by the fault that it is for, and none without a fault."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Event

import pika
import psycopg
import pytest
import requests
import yaml

from tests.system.backups import back_up, restore
from tests.system.chaos.conftest import OPERATIONS
from tests.system.chaos.prometheus import SCRAPE_SECONDS, Prometheus, watching
from tests.system.clients import number_of
from tests.system.load import Load
from tests.system.stack import PATIENCE, Stack, running
from tools.children import wait_until
from tools.environment import ROOT
from tools.servers import PrivatePostgres, PrivateRabbitMQ

Loaded = Callable[[Stack], AbstractContextManager[Load]]
LOOKS = 30  # of Prometheus: longer than all windows of its rules
LOGIN = 'mutation { login(input: {username: "demo", password: "a guess"}) { __typename } }'
LIKED = "{ quotes(first: 5) { nodes { id likedByMe } } }"
FAIL = """
CREATE FUNCTION fail() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'a trial'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER fail BEFORE INSERT ON likes_service_quote EXECUTE FUNCTION fail()
"""
NO_MORE = "DROP TRIGGER fail ON likes_service_quote; DROP FUNCTION fail()"
fires = pytest.mark.fires


@pytest.fixture(scope="module")
def stack(postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ) -> Iterator[Stack]:
    """With the time-outs of the product, and few connections to its databases."""
    with running(postgres, rabbitmq, UPSTREAM_READ_TIMEOUT="1.5", DATABASE_POOL_SIZE="2") as stack:
        yield stack


@pytest.fixture(scope="module")
def looking(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with watching(stack, tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus


@pytest.fixture
def prometheus(stack: Stack, looking: Prometheus) -> Prometheus:
    """It looks at a product that is well."""
    stack.product.wait_until_ready()
    looking.wait_until_quiet()
    return looking


@pytest.fixture
def expect(request: pytest.FixtureRequest, prometheus: Prometheus) -> Callable[..., None]:
    """Return what waits until these alerts fire, which the test is marked with."""
    [marked] = request.node.iter_markers("fires")

    def wait(*names: str) -> None:
        assert set(names) <= set(marked.args)
        prometheus.wait_for(*names)

    return wait


@contextmanager
def asking(*requests_made: Callable[[], object]) -> Iterator[None]:
    """Have these made meanwhile, again and again, whatever comes of them."""
    over = Event()

    def ask(make: Callable[[], object]) -> None:
        while not over.wait(0.05):
            with suppress(requests.RequestException):
                make()

    with ThreadPoolExecutor(len(requests_made)) as pool:
        threads = [pool.submit(ask, make) for make in requests_made]
        try:
            yield
        finally:
            over.set()
    for thread in threads:
        thread.result()


@contextmanager
def channel(
    rabbitmq: PrivateRabbitMQ,
) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(rabbitmq.url)) as connection:
        yield connection.channel()


def test_none_fires_without_a_fault(stack: Stack, prometheus: Prometheus, loaded: Loaded) -> None:
    with loaded(stack) as load:
        looks = f'min(count_over_time(up{{job!=""}}[{LOOKS * SCRAPE_SECONDS}s]))'

        def none_and_looked_long_enough() -> bool:
            assert prometheus.alerts() == {}
            return prometheus.value(looks) >= LOOKS - 1

        wait_until(none_and_looked_long_enough, patience=4 * PATIENCE, what="it looks", pause=0.5)
        load.wait_for_more(OPERATIONS)
    assert prometheus.value("sum(messaging_client_consumed_messages_total)") > 0
    assert prometheus.value("sum(rate(graphql_operation_duration_seconds_count[20s]))") > 0


@fires("ProcessDown")
def test_a_process_that_is_gone(stack: Stack, expect: Callable[..., None]) -> None:
    stack.supervisor.hold("likes-consumer")
    try:
        expect("ProcessDown")
    finally:
        stack.supervisor.release("likes-consumer")


@fires("ProcessNotReady", "SubscribersNotTold")
def test_a_broker_that_is_gone(
    stack: Stack, expect: Callable[..., None], rabbitmq: PrivateRabbitMQ
) -> None:
    rabbitmq.kill()
    try:
        expect("ProcessNotReady", "SubscribersNotTold")
    finally:
        rabbitmq.start()


@fires("NobodyPublishes", "OutboxWaits", "DeliverySlow")
def test_an_alarm_of_the_broker(
    stack: Stack, expect: Callable[..., None], rabbitmq: PrivateRabbitMQ
) -> None:
    user = stack.user()
    rabbitmq.ctl("set_vm_memory_high_watermark", "0.000001")
    try:
        user.create("Waits in the outbox")
        expect("NobodyPublishes", "OutboxWaits")
    finally:
        rabbitmq.ctl("set_vm_memory_high_watermark", "0.4")
    # Now it arrives, more than a minute late.
    expect("DeliverySlow")


@fires("OperationsFail", "OperationsSlow", "ServiceLeftAlone")
def test_a_service_that_is_silent(stack: Stack, expect: Callable[..., None]) -> None:
    user = stack.user()
    user.create("Is it liked?")
    token = {"Authorization": f"Bearer {user.token}"}
    stack.supervisor.send("likes", signal.SIGSTOP)
    try:
        with asking(
            lambda: requests.post(stack.graphql, json={"query": LIKED}, headers=token, timeout=30)
        ):
            expect("OperationsFail", "OperationsSlow", "ServiceLeftAlone")
    finally:
        stack.supervisor.send("likes", signal.SIGCONT)


@fires("PoolExhausted", "RequestsFail", "ProcessStuck")
def test_a_lock_in_the_database(stack: Stack, expect: Callable[..., None]) -> None:
    user = stack.user()
    liked = user.create("Can't be counted")
    stack.wait_until_agreed()
    url = stack.environment["QUOTES_DATABASE_URL"].replace("postgres://", "postgresql://")
    quotes = stack.product.url("quotes", "/quotes")
    with psycopg.connect(url) as server:
        server.execute("LOCK TABLE quotes_service_quote IN ACCESS EXCLUSIVE MODE")
        user.rest("POST", stack.product.url("likes", f"/quotes/{number_of(liked)}/like"))
        with asking(*[lambda: requests.get(quotes, timeout=5)] * 4):
            expect("PoolExhausted", "RequestsFail", "ProcessStuck")


@fires("DatabaseInThePast")
def test_a_database_that_was_restored(
    stack: Stack, expect: Callable[..., None], prometheus: Prometheus, tmp_path: Path
) -> None:
    user = stack.user()
    back_up(stack, "quotes", tmp_path / "quotes")
    user.create("Lost")
    stack.wait_until_agreed()
    restore(stack, "quotes", tmp_path / "quotes")
    with asking(lambda: stack.product.ready("quotes")):
        expect("DatabaseInThePast")
        stack.manage("quotes_service", "finish_restore")
        prometheus.wait_until_quiet()


@fires("RateLimited")
def test_somebody_who_guesses_passwords(stack: Stack, expect: Callable[..., None]) -> None:
    with asking(lambda: requests.post(stack.graphql, json={"query": LOGIN}, timeout=30)):
        expect("RateLimited")


@fires("EventsSetAside")
def test_a_binding_that_is_lost(
    stack: Stack, expect: Callable[..., None], rabbitmq: PrivateRabbitMQ
) -> None:
    user = stack.user()
    stack.supervisor.hold("likes-consumer")  # which would make it anew
    try:
        with channel(rabbitmq) as opened:
            for pattern in ("quotes.quote.*", "quotes.user.*"):
                opened.queue_unbind("likes", "events", pattern)
        user.create("Nobody takes it")
        expect("EventsSetAside")
    finally:
        stack.supervisor.release("likes-consumer")


@fires("DeadLettersParked")
def test_a_message_that_is_none(
    stack: Stack, expect: Callable[..., None], rabbitmq: PrivateRabbitMQ
) -> None:
    with channel(rabbitmq) as opened:
        opened.basic_publish("", "likes", b"no event")
    expect("DeadLettersParked")
    stack.manage("likes_service", "dead_letters", "discard", "--all", "--yes")


@fires("RetriesOverdue")
def test_a_retry_that_never_comes_back(
    stack: Stack, expect: Callable[..., None], rabbitmq: PrivateRabbitMQ
) -> None:
    stack.execute("likes", FAIL)
    stack.user().create("Fails, and is lost")
    wait_until(
        lambda: bool(stack.rows("likes", "SELECT 1 FROM messaging_awaited_retry")),
        patience=PATIENCE,
        what="it waits for its retry",
    )
    with channel(rabbitmq) as opened:
        opened.queue_delete("likes.retry.5000")
    try:
        expect("RetriesOverdue")
    finally:
        stack.execute("likes", NO_MORE)
    stack.manage("likes_service", "resync_quotes")
    stack.execute("likes", "DELETE FROM messaging_awaited_retry")  # else it is told for a week


def test_each_alert_is_fired_by_one_of_these_tests() -> None:
    content = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())
    rules = {rule["alert"] for group in content["groups"] for rule in group["rules"]}
    marks = [mark for each in globals().values() for mark in getattr(each, "pytestmark", ())]
    assert rules == {name for mark in marks if mark.name == "fires" for name in mark.args}
