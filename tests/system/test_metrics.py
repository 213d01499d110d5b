"""Each running process shows what it has done, all its workers together."""

import requests
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.system.stack import PATIENCE, Stack
from tools.children import wait_until

# A metric that each process has, whatever has been asked of it.
OF_EACH = {
    "gateway": "http_client_breaker_open",
    "live": "graphql_subscriptions",
    "quotes": "http_server_request_duration_seconds_count",
    "likes": "http_server_request_duration_seconds_count",
    "quotes-relay": "messaging_client_confirmed_events_total",
    "quotes-consumer": "messaging_client_consumed_messages_total",
    "likes-relay": "messaging_client_confirmed_events_total",
    "likes-consumer": "messaging_client_consumed_messages_total",
}


def samples(stack: Stack, process: str) -> list[Sample]:
    response = requests.get(stack.product.url(process, "/metrics"), timeout=60)
    assert response.status_code == 200, response.text
    families = text_string_to_metric_families(response.text)
    return [sample for family in families for sample in family.samples]


def total(stack: Stack, process: str, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for sample in samples(stack, process)
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_each_process_shows_what_it_has_done(stack: Stack) -> None:
    def handled() -> float:
        return total(stack, "quotes-consumer", "messaging_delivery_lag_seconds_count")

    user = stack.user()
    quote_id = user.create("Counted in more than one way")
    stack.wait_until_agreed()
    operations = total(stack, "gateway", "graphql_operation_duration_seconds_count")
    requests_before = total(stack, "likes", "http_server_request_duration_seconds_count")
    handled_before = handled()
    user.like(quote_id)
    wait_until(lambda: handled() > handled_before, patience=PATIENCE, what="the like is counted")
    after = total(stack, "gateway", "graphql_operation_duration_seconds_count")
    assert after == operations + 1
    likes = total(stack, "likes", "http_server_request_duration_seconds_count")
    assert likes > requests_before
    called = "http_client_request_duration_seconds_count"
    assert total(stack, "gateway", called, peer_service="likes") > 0
    for process, name in OF_EACH.items():
        assert any(sample.name == name for sample in samples(stack, process)), process
    if stack.postgres is not None:
        assert total(stack, "quotes", "db_client_connection_max") > 0


def test_it_is_the_same_whichever_worker_is_asked(stack: Stack) -> None:
    for process, workers in (("gateway", {"0", "1"}), ("quotes", {"0", "1"}), ("live", {"0"})):
        for _ in range(10):
            found = {sample.labels["worker"] for sample in samples(stack, process)}
            assert found == workers, process
