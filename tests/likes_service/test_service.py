"""The process as a whole: its settings, health, documentation, files and start."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client

from likes_service import reads
from likes_service.models import Quote
from tests.likes_service.conftest import FakeQuotes, as_user
from tests.programs import run_python
from tests.rest_api import Api
from tests.signed_tokens import token_of
from tools.environment import ROOT

PRODUCTION = {
    "ENVIRONMENT": "production",
    "DJANGO_SECRET_KEY": "a long and secret text of this deployment alone",
    "ALLOWED_HOSTS": "likes.example",
}


def test_health_is_told(api: Api, quotes: FakeQuotes, db: None) -> None:
    quotes.always(200, {"status": "ok"})
    assert api("GET", "/healthz").body == {"status": "ok"}
    ready = api("GET", "/readyz")
    assert (ready.status, set(ready.body["checks"].values())) == (200, {"ok"})
    assert set(ready.body["checks"]) == {"database", "history", "quotes"}


def test_quotes_being_away_is_told_and_leaves_it_alive(api: Api, db: None) -> None:
    ready = api("GET", "/readyz")
    assert (ready.status, ready.body["checks"]["quotes"]) == (503, "unavailable")
    assert api("GET", "/healthz").status == 200


def test_a_database_that_does_not_answer_is_told(
    api: Api, quotes: FakeQuotes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("database.readiness.connection.cursor", fail)
    monkeypatch.setattr(reads, "quotes_page", fail)
    ready = api("GET", "/readyz")
    assert (ready.status, ready.body["checks"]["database"]) == (503, "unavailable")
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
def test_a_probe_may_come_by_any_address(api: Api, quotes: FakeQuotes, db: None, host: str) -> None:
    quotes.always(200, {"status": "ok"})
    for path in ("/healthz", "/readyz", "/metrics"):
        for method in ("GET", "HEAD"):
            assert api(method, path, headers={"Host": host}).status == 200


@pytest.mark.parametrize("path", ["/healthz/", "/admin/", "/.well-known/jwks.json"])
def test_nothing_else_is_served_under_another_name(api: Api, path: str) -> None:
    assert api("GET", path, headers={"Host": "10.1.2.3"}).status == 400


def test_an_unknown_host_is_a_bad_request(api: Api) -> None:
    assert api("GET", "/quotes", headers={"Host": "evil.example"}).code == "invalid_request"


def test_each_answer_is_what_the_documentation_says(
    api: Api, make_quote: Callable[..., Quote]
) -> None:
    """Field by field: a schema forgotten in a change would show here."""
    make_quote()
    document = api("GET", "/openapi.json").body
    schemas = document["components"]["schemas"]
    given = as_user(5)("POST", "/quotes/7/like").body
    likes = api("GET", "/likes").body
    per_quote = api("GET", "/likes?quote=7&per_quote=1").body
    quotes = api("GET", "/quotes").body
    staff = Api(token_of(1, staff=True))
    as_user(6)("POST", "/quotes/7/like")
    published_counts = staff("POST", "/likes/counts", body={"quotes": [7]}).body
    for response, name in (
        (given, "LikeGiven"),
        (given["events"][0], "RecentEventOut"),
        (likes, "LikePage"),
        (likes["items"][0], "LikeItem"),
        (likes["page_info"], "PageInfo"),
        (per_quote, "LikesOfEach"),
        (api("GET", "/likes/totals?users=5").body["items"][0], "Total"),
        (quotes["items"][0], "QuoteItem"),
        (api("GET", "/quotes/7").body, "QuoteOut"),
        (as_user(5)("DELETE", "/quotes/7/like").body, "LikeGone"),
        (api("GET", "/quotes/0").body, "ProblemOut"),
        (api("GET", "/likes/counts?quote=7").body["items"][0], "QuoteCount"),
        (published_counts["items"][0], "PublishedCount"),
        (staff("GET", "/accounts").body["items"][0], "AccountState"),
        (api("GET", "/known").body, "Known"),
        (api("GET", "/known/numbers").body, "KnownNumbers"),
        (api("GET", "/known/events").body, "KnownEvents"),
    ):
        assert set(response) == set(schemas[name]["properties"]), name
    assert set(document["paths"]) == {
        "/quotes", "/quotes/{quote_id}", "/quotes/{quote_id}/like", "/likes", "/likes/counts",
        "/likes/totals", "/accounts", "/known", "/known/numbers",
        "/known/events",
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
    result = run_python("-c", "import likes_service.settings", **environment)
    assert result.returncode != 0
    assert "ImproperlyConfigured" in result.stderr
    assert missing in result.stderr
    assert run_python("-c", "import likes_service.settings", **PRODUCTION).returncode == 0


def test_production_shows_no_pages_of_debugging() -> None:
    result = run_python("-c", "import likes_service.settings", **PRODUCTION, DJANGO_DEBUG="1")
    assert result.returncode != 0
    assert "DJANGO_DEBUG must be 0" in result.stderr


def test_a_service_reads_its_own_database_before_the_common_one() -> None:
    code = "from likes_service.settings import DATABASES as d; print(d['default']['NAME'])"
    common = {"DATABASE_URL": "postgres://u@h/common"}
    assert run_python("-c", code, **common).stdout.strip() == "common"
    own = run_python("-c", code, LIKES_DATABASE_URL="postgres://u@h/own", **common)
    assert own.stdout.strip() == "own"
    assert run_python("-c", code).stdout.strip().endswith("var/likes.sqlite3")


def test_the_web_process_starts_without_database_and_broker() -> None:
    code = (
        "import socket; socket.socket.connect = None\n"
        "from likes_service.wsgi import application; print('started')"
    )
    result = run_python(
        "-c",
        code,
        DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing",
        BROKER_URL="amqp://guest:guest@127.0.0.1:9/",
    )
    assert result.stdout.strip() == "started", result.stderr


@pytest.mark.parametrize("folder", [ROOT, ROOT / "likes_service", Path("/")])
def test_manage_runs_from_any_folder(folder: Path) -> None:
    result = run_python(str(ROOT / "likes_service" / "manage.py"), "check", folder=folder)
    assert result.returncode == 0, result.stderr


def test_migrations_are_up_to_date(tmp_path: Path) -> None:
    code = (
        "from django.core.management import execute_from_command_line as run\n"
        "run(['', 'makemigrations', 'likes_service', '--check', '--dry-run'])"
    )
    result = run_python(
        "-c",
        code,
        DJANGO_SETTINGS_MODULE="likes_service.settings",
        DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3",
    )
    assert result.returncode == 0, result.stdout + result.stderr
