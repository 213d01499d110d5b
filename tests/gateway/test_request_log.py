"""The line that each request has in the log, and what is never in it."""

import json
import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from tests.gateway.fake_world import FakeWorld
from tests.programs import run_python

QUERY = (
    'query Recent($text: String) { quotes(first: 1, author: $text) { nodes { id } } } # "s3cret"'
)


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    @property
    def last(self) -> dict[str, object]:
        """The last line, as what it says."""
        [*_, text] = self.texts
        found: dict[str, object] = json.loads(text)
        return found


@pytest.fixture
def lines(settings: Settings) -> Iterator[Lines]:
    """All lines of requests made meanwhile by a client that is made after this."""
    settings.LOG_REQUESTS = True
    handler, logger = Lines(), logging.getLogger("request")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def test_a_line_has_the_trace_the_operation_the_status_and_the_time(
    lines: Lines, world: FakeWorld
) -> None:
    response = Client().post(
        "/graphql",
        {"query": "query Mine { me { id } }"},
        content_type="application/json",
        headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )
    assert response.status_code == 200
    line = lines.last
    assert line["event"] == "request"
    assert line["trace_id"] == "a" * 32
    assert (line["method"], line["route"], line["status"]) == ("POST", "graphql", 200)
    assert line["operation"] == "Mine"
    assert isinstance(line["milliseconds"], float)
    assert str(line["timestamp"]).endswith("Z")
    assert "errors" not in line
    assert len(lines.texts) == 1


def test_a_line_has_the_codes_of_errors_and_no_text_of_a_user(
    lines: Lines, world: FakeWorld
) -> None:
    secret = "s3cret"
    client = Client()
    client.post(
        f"/graphql?token={secret}",
        {"query": QUERY, "variables": {"text": secret}, "operationName": secret},
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}", "x-forwarded-for": secret},
    )
    client.post("/graphql", {"query": QUERY}, content_type="application/json")
    assert lines.last["errors"] == ["GRAPHQL_VALIDATION_FAILED"]
    assert lines.last["operation"] == "Recent"
    client.get(f"/{secret}")
    assert (lines.last["route"], lines.last["status"]) == (None, 404)
    client.generic(secret, "/graphql")
    assert (lines.last["method"], lines.last["status"]) == ("other", 405)
    assert len(lines.texts) == 4
    assert secret not in "".join(lines.texts)


def test_a_name_that_is_too_long_is_cut(lines: Lines, world: FakeWorld) -> None:
    name = "L" * 250
    Client().post(
        "/graphql", {"query": f"query {name} {{ me {{ id }} }}"}, content_type="application/json"
    )
    assert lines.last["operation"] == "L" * 100


def test_each_of_a_batch_is_named(lines: Lines, settings: Settings, world: FakeWorld) -> None:
    settings.GRAPHQL_MAX_BATCH = 2
    batch = [{"query": f"query {name} {{ me {{ id }} }}"} for name in ("One", "Two")]
    Client().post("/graphql", json.dumps(batch), content_type="application/json")
    assert lines.last["operation"] == "One,Two"


def test_probes_that_find_all_well_have_no_line(lines: Lines, world: FakeWorld) -> None:
    assert Client().get("/healthz").status_code == 200
    assert lines.texts == []
    world.likes.silent.set()
    assert Client().get("/readyz").status_code == 503
    assert (lines.last["route"], lines.last["status"]) == ("readyz", 503)


@pytest.mark.parametrize("project", ["gateway", "quotes_service", "likes_service"])
def test_each_web_process_writes_lines_where_its_log_is_json(project: str) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "Client().get('/healthz'); Client().get('/docs/s3cret')"
    )
    settings = {"DJANGO_SETTINGS_MODULE": f"{project}.settings"}
    [line] = run_python("-c", code, LOG_FORMAT="json", **settings).stderr.splitlines()
    assert json.loads(line)["status"] == 404
    assert "s3cret" not in line
    assert run_python("-c", code, **settings).stderr == ""
    assert run_python("-c", code, LOG_FORMAT="json", LOG_LEVEL="ERROR", **settings).stderr == ""
