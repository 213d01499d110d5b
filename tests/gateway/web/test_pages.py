"""The pages for people, and the addresses for machines that watch."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.gateway.fake_service import Answer, FakeService
from tests.gateway.fake_world import FakeWorld

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
GATEWAY = Path(__file__).parents[3] / "gateway"


def test_a_browser_gets_graphiql_from_our_own_files(client: Client) -> None:
    for path in ("/graphql", "/graphql/"):
        response = client.get(path, headers=BROWSER)
        page = response.content.decode()
        assert response["Content-Type"].startswith("text/html")
        sources = re.findall(r'(?:src|href)="(.+?)"', page)
        assert all(client.get(source).status_code == 200 for source in sources), sources
        assert re.findall(r"<script(?![^>]*src=)", page) == []
        assert "vendor/graphiql.min.js" in page


def test_browsers_find_the_icon_where_they_look_for_it(client: Client) -> None:
    response = client.get("/favicon.ico", follow=True)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("image/svg+xml")


def test_graphiql_can_be_turned_off(client: Client, settings: Settings) -> None:
    settings.GRAPHIQL = False
    assert client.get("/graphql", headers=BROWSER).status_code == 404


def test_pages_forbid_scripts_in_place_and_being_framed(client: Client) -> None:
    for path in ("/", "/graphql"):
        response = client.get(path, headers=BROWSER)
        policy = response["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert response["X-Frame-Options"] == "DENY"


def test_the_root_page_allows_no_styles_in_place_and_no_markup_from_text(client: Client) -> None:
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    page = response.content.decode()
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) == []


def test_all_that_the_root_page_loads_is_there(client: Client) -> None:
    page = client.get("/").content.decode()
    sources = re.findall(r'(?:src|href)="(/static/.+?)"', page)
    assert len(sources) > 5
    for source in sources:
        assert client.get(source).status_code == 200, source


def test_the_examples_are_valid_queries_of_this_schema() -> None:
    from graphql import build_schema, parse, validate

    schema = build_schema((GATEWAY.parent / "schema.graphql").read_text())
    script = (GATEWAY / "static" / "gateway" / "graphiql.js").read_text()
    examples = re.findall(r"= `(#.+?)`;", script, re.DOTALL)
    assert len(examples) == 4
    for example in examples:
        assert validate(schema, parse(example)) == []


def test_the_root_page_leads_on(client: Client, settings: Settings) -> None:
    page = client.get("/").content.decode()
    for address in ("/graphql", f"{settings.QUOTES_URL}/docs", f"{settings.LIKES_URL}/docs"):
        assert f'href="{address}"' in page


def test_without_graphiql_the_root_page_tells_no_address_behind_it(
    client: Client, settings: Settings
) -> None:
    settings.GRAPHIQL = False
    page = client.get("/").content.decode()
    assert settings.QUOTES_URL not in page
    assert settings.LIKES_URL not in page


def test_static_files_are_served_with_debug_off(client: Client) -> None:
    response = client.get("/static/gateway/page.css")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/css")


def test_the_process_says_that_it_is_alive(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_both_services_answer_and_no_probe_writes_an_error_into_the_log(
    world: FakeWorld, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for service in (world.quotes, world.likes):
        service.answer = lambda call: Answer(200, {"status": "ok"})
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "checks": {"quotes": "ok", "likes": "ok"}},
    )
    world.likes.stop()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"quotes": "ok", "likes": "unavailable"}
    assert [record for record in caplog.records if record.name == "django.request"] == []


def test_asking_whether_it_is_ready_asks_no_service_that_is_left_alone(
    world: FakeWorld,
    client: Client,
    settings: Settings,
    silence: Callable[[FakeService], None],
) -> None:
    settings.BREAKER_FAILURES, settings.BREAKER_PAUSE = 2, timedelta(minutes=10)
    silence(world.likes)
    world.quotes.answer = lambda call: Answer(200, {"status": "ok"})
    answers = [client.get("/readyz") for _ in range(5)]
    assert {response.status_code for response in answers} == {503}
    assert {response.json()["checks"]["quotes"] for response in answers} == {"ok"}
    assert world.likes.paths() == ["GET /healthz"] * 2


def test_an_unknown_address_is_a_plain_404(client: Client) -> None:
    response = client.get("/nothing")
    assert (response.status_code, response["Content-Type"]) == (404, "text/plain")


FAULTS = """
import django
django.setup()
from django.test import Client
from gateway.web import pages
def fail(*arguments):
    raise RuntimeError("a secret of our insides")
pages.render = fail
client = Client(raise_request_exception=False)
for response in (
    client.get("/", headers={"Host": "elsewhere.example"}),
    client.get("/nothing"),
    client.get("/"),
):
    print(response.status_code, response.content.decode())
"""


def test_no_insides_are_shown_with_debug_on() -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "gateway.settings",
        "DJANGO_DEBUG": "1",
        "QUOTES_URL": "http://quotes.inside:8001",
    }
    shown = subprocess.run(
        [sys.executable, "-c", FAULTS],
        env=environment,
        cwd=GATEWAY.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # the log may well tell of them
        text=True,
        check=True,
    ).stdout
    assert shown.split("\n\n") == [
        "400 This request is not served here.",
        "404 There is nothing here.",
        "500 Something went wrong here.",
        "",
    ]


def test_where_http_is_sent_on_to_https_health_is_told_as_before(
    world: FakeWorld, client: Client, settings: Settings
) -> None:
    for service in (world.quotes, world.likes):
        service.answer = lambda call: Answer(200, {"status": "ok"})
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/").status_code == 301
    assert client.get("/graphql").status_code == 301
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
