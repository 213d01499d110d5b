"""The process as a whole: its settings, health, documentation, files and start."""

import json
import re
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from messaging.models import OutboxEvent
from quotes_service import reads
from quotes_service.models import User
from tests.programs import run_python
from tests.quotes_service.conftest import as_user
from tests.rest_api import Api
from tools.environment import ROOT

PRODUCTION = {
    "ENVIRONMENT": "production",
    "DJANGO_SECRET_KEY": "a long and secret text of this deployment alone",
    "ALLOWED_HOSTS": "quotes.example",
    "JWT_PRIVATE_KEY_FILE": "/nowhere/key.pem",
}


def test_health_is_told(api: Api, db: None) -> None:
    assert api("GET", "/healthz").body == {"status": "ok"}
    ready = api("GET", "/readyz")
    assert (ready.status, ready.body["checks"]) == (200, {"database": "ok", "history": "ok"})


def test_a_database_that_does_not_answer_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("database.readiness.connection.cursor", fail)
    monkeypatch.setattr(reads, "quotes_page", fail)
    ready = api("GET", "/readyz")
    assert (ready.status, ready.body["checks"]) == (
        503,
        {"database": "unavailable", "history": "ok"},
    )
    assert api("GET", "/healthz").status == 200
    response = api("GET", "/quotes")
    assert (response.status, response.code) == (503, "upstream_unavailable")
    assert response.headers["Retry-After"] == "1"


def test_a_fault_tells_nothing_of_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(reads, "quotes_page", fail)
    response = api("GET", "/quotes")
    assert (response.status, response.code) == (500, "internal")
    assert "secret" not in str(response.body)


@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8001", "[fd00::7]", "a b"])
def test_a_probe_may_come_by_any_address(api: Api, db: None, host: str) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        for method in ("GET", "HEAD"):
            assert api(method, path, headers={"Host": host}).status == 200


@pytest.mark.parametrize("path", ["/healthz/", "/admin/", "/.well-known/jwks.json"])
def test_nothing_else_is_served_under_another_name(api: Api, path: str) -> None:
    assert api("GET", path, headers={"Host": "10.1.2.3"}).status == 400


def test_an_unknown_host_is_a_bad_request(api: Api) -> None:
    assert api("GET", "/quotes", headers={"Host": "evil.example"}).code == "invalid_request"


@pytest.mark.django_db
def test_each_answer_is_what_the_documentation_says(
    api: Api, ann: User, settings: Settings
) -> None:
    """Field by field: a schema forgotten in a change would show here."""
    document = api("GET", "/openapi.json").body
    schemas = document["components"]["schemas"]
    quote = as_user(ann)("POST", "/quotes", {"title": "x"}).body
    assert set(quote) == set(schemas["QuoteOut"]["properties"])
    page = api("GET", "/quotes").body
    item = set(schemas["QuoteItem"]["properties"])
    assert set(page["items"][0]) == item - {"applied_events", "stored_likes"}
    asked = api("GET", f"/quotes?id={quote['id']}&after_events=e1:1").body["items"]
    assert set(asked[0]) == item
    assert set(page["page_info"]) == set(schemas["PageInfo"]["properties"])
    user = as_user(ann)("GET", f"/users/{ann.id}").body
    assert set(user) == set(schemas["UserRead"]["properties"])
    problem = api("GET", "/quotes/0").body
    assert set(problem) == set(schemas["ProblemOut"]["properties"])
    settings.LOGIN_RATE = "1/minute"
    guess = {"username": "ann", "password": "wrong"}
    refused = [api("POST", "/tokens", guess).body for _ in range(2)][-1]
    assert set(refused) == set(schemas["TooManyRequestsOut"]["properties"])
    assert set(document["paths"]) == {
        "/quotes", "/quotes/{quote_id}", "/users", "/users/{user_id}", "/tokens", "/known",
        "/known/events",
        "/quotes/total", "/quotes/totals", "/account/password", "/account/email",
        "/account/deletion", "/tokens/refresh", "/sessions", "/sessions/current",
        "/sessions/{session_id}",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/docs", "/admin/login/"])
def test_pages_for_people_need_no_internet(client: Client, db: None, path: str) -> None:
    page = client.get(path).content.decode()
    files = re.findall(r'(?:src|href)="([^"]+\.(?:js|css|svg|png))"', page)
    assert files
    for file in files:
        assert file.startswith("/static/")
        assert client.get(file).status_code == 200


@pytest.mark.parametrize("missing", ["DJANGO_SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_needs_its_secrets(missing: str) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    result = run_python("-c", "import quotes_service.settings", **environment)
    assert result.returncode != 0
    assert "ImproperlyConfigured" in result.stderr
    assert missing in result.stderr
    assert run_python("-c", "import quotes_service.settings", **PRODUCTION).returncode == 0


def test_in_production_the_web_process_needs_a_signing_key_and_no_other_does() -> None:
    environment = {name: value for name, value in PRODUCTION.items() if "JWT" not in name}
    web = run_python("-c", "import quotes_service.wsgi", **environment)
    assert web.returncode != 0
    assert "ImproperlyConfigured: JWT_PRIVATE_KEY or JWT_PRIVATE_KEY_FILE" in web.stderr
    relay = run_python("quotes_service/manage.py", "relay", "--help", **environment)
    assert relay.returncode == 0, relay.stderr


def test_production_shows_no_pages_of_debugging() -> None:
    result = run_python("-c", "import quotes_service.settings", **PRODUCTION, DJANGO_DEBUG="1")
    assert result.returncode != 0
    assert "DJANGO_DEBUG must be 0" in result.stderr


def test_a_service_reads_its_own_database_before_the_common_one() -> None:
    code = "from quotes_service.settings import DATABASES as d; print(d['default']['NAME'])"
    common = {"DATABASE_URL": "postgres://u@h/common"}
    assert run_python("-c", code, **common).stdout.strip() == "common"
    own = run_python("-c", code, QUOTES_DATABASE_URL="postgres://u@h/own", **common)
    assert own.stdout.strip() == "own"
    assert run_python("-c", code).stdout.strip().endswith("var/quotes.sqlite3")


def test_the_web_process_starts_without_database_and_broker(tmp_path: Path) -> None:
    code = (
        "import socket; socket.socket.connect = None\n"
        "from quotes_service.wsgi import application; print('started')"
    )
    result = run_python(
        "-c",
        code,
        DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing",
        BROKER_URL="amqp://guest:guest@127.0.0.1:9/",
        JWKS_FILE=str(tmp_path / "jwks.json"),
    )
    assert result.stdout.strip() == "started", result.stderr
    assert json.loads((tmp_path / "jwks.json").read_text())["keys"]


@pytest.mark.parametrize("folder", [ROOT, ROOT / "quotes_service", Path("/")])
def test_manage_runs_from_any_folder(folder: Path) -> None:
    result = run_python(str(ROOT / "quotes_service" / "manage.py"), "check", folder=folder)
    assert result.returncode == 0, result.stderr


@pytest.mark.django_db
def test_a_trace_goes_from_the_request_to_the_event(ann: User) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    as_user(ann)("POST", "/quotes", {"title": "x"}, headers)
    assert OutboxEvent.objects.get().traceparent.split("-")[1] == trace


def test_migrations_are_up_to_date(tmp_path: Path) -> None:
    code = (
        "from django.core.management import execute_from_command_line as run\n"
        "run(['', 'makemigrations', 'quotes_service', '--check', '--dry-run'])"
    )
    result = run_python(
        "-c",
        code,
        DJANGO_SETTINGS_MODULE="quotes_service.settings",
        DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3",
    )
    assert result.returncode == 0, result.stdout + result.stderr
