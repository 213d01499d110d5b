"""What the relay and the consumer report of themselves."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from messaging import health as health_module
from messaging.brokers import broker_for
from messaging.consumer import Consumer
from messaging.health import Health, serve_health
from messaging.relay import Relay
from tests.messaging.running import PATIENCE, at_work
from tools.children import wait_until
from tools.ports import free_port


def ask(port: int, path: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def served() -> Iterator[tuple[Health, int]]:
    health, port = Health(), free_port()
    server = serve_health(health, "127.0.0.1", port)
    yield health, port
    server.shutdown()
    server.server_close()


def test_it_is_alive_but_not_ready_before_it_has_connected(served: tuple[Health, int]) -> None:
    _, port = served
    assert ask(port, "/healthz")[0] == 200
    assert ask(port, "/readyz")[0] == 503
    assert ask(port, "/else")[0] == 404


def test_it_is_ready_when_database_and_broker_answer(served: tuple[Health, int]) -> None:
    health, port = served
    health.report("active", database=True, broker=True)
    health.count(handled=2)
    health.count(handled=3)
    status, body = ask(port, "/readyz")
    assert status == 200
    assert body["status"] == "active"
    assert body["counts"] == {"handled": 5}
    health.report("retrying", "connection refused", broker=False)
    status, body = ask(port, "/readyz")
    assert (status, body["detail"]) == (503, "connection refused")
    assert body["checks"] == {"database": True, "broker": False}


def test_its_metrics_are_what_it_has_counted_and_whether_it_is_at_work(
    served: tuple[Health, int],
) -> None:
    health, port = served

    def shown() -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        rows = [line.rpartition(" ") for line in lines if not line.startswith("#")]
        return {name: float(value) for name, _, value in rows}

    health.report("active", database=True, broker=True)
    health.count(handled=2, parked=1)
    health.count(handled=3, published=4, sent=5)
    found = shown()
    assert found['messaging_client_consumed_messages_total{outcome="handled"}'] == 5
    assert found['messaging_client_consumed_messages_total{outcome="parked"}'] == 1
    assert found["messaging_client_confirmed_events_total"] == 4
    assert found["messaging_client_sent_messages_total"] == 5
    assert found["messaging_process_active"] == 1
    assert found['messaging_process_ready{check="broker"}'] == 1
    health.report("blocked", "memory alarm", broker=False)
    health._worked_at -= 100
    found = shown()
    assert found["messaging_process_active"] == 0
    assert found['messaging_process_ready{check="broker"}'] == 0
    assert found['messaging_process_ready{check="database"}'] == 1
    assert found["messaging_process_idle_seconds"] >= 100


def test_it_is_neither_alive_nor_ready_when_it_has_not_got_on_for_long(
    served: tuple[Health, int],
) -> None:
    health, port = served
    health.report("active", database=True, broker=True)
    assert [ask(port, path)[0] for path in ("/healthz", "/readyz")] == [200, 200]
    health._worked_at -= health_module.PATIENCE_SECONDS + 1
    assert [ask(port, path)[0] for path in ("/healthz", "/readyz")] == [503, 503]
    assert ask(port, "/healthz")[1]["seconds_without_progress"] > health_module.PATIENCE_SECONDS
    health.worked()
    assert [ask(port, path)[0] for path in ("/healthz", "/readyz")] == [200, 200]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [Relay, Consumer])
def test_a_process_whose_broker_stays_away_does_not_get_on(kind: type[Relay | Consumer]) -> None:
    away = broker_for(f"amqp://guest:guest@127.0.0.1:{free_port()}/", "test")
    with at_work(kind, away) as health:
        started = health._worked_at
        wait_until(
            lambda: health.as_json()["status"] == "retrying", patience=PATIENCE, what="a pause"
        )
        assert "Connection refused" in health.as_json()["detail"]
        assert health._worked_at == started
        assert not health.ready()


def test_a_port_that_is_taken_is_an_error(served: tuple[Health, int]) -> None:
    with pytest.raises(OSError, match="in use"):
        serve_health(Health(), "127.0.0.1", served[1])
