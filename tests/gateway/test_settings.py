"""Settings that must not reach production are refused at the start, in words that help."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

FILE = Path(__file__).parents[2] / "gateway" / "settings.py"


def _settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    names = ("ENVIRONMENT", "DJANGO_SECRET_KEY", "ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS")
    for name in (*names, "DJANGO_DEBUG", "GRAPHIQL", "GRAPHQL_INTROSPECTION", "JWKS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(FILE))


PRODUCTION = {"ENVIRONMENT": "production", "DJANGO_SECRET_KEY": "s" * 50, "ALLOWED_HOSTS": "a.b"}


def test_development_needs_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(monkeypatch)
    assert settings["DEBUG"] is False
    assert "127.0.0.1" in settings["ALLOWED_HOSTS"]
    assert settings["GRAPHIQL"] is True


def test_production_shows_neither_graphiql_nor_the_schema_unless_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = _settings(monkeypatch, **PRODUCTION)
    assert (settings["GRAPHIQL"], settings["GRAPHQL_INTROSPECTION"]) == (False, False)
    settings = _settings(monkeypatch, **PRODUCTION, GRAPHIQL="1", GRAPHQL_INTROSPECTION="1")
    assert (settings["GRAPHIQL"], settings["GRAPHQL_INTROSPECTION"]) == (True, True)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({**PRODUCTION, "DJANGO_SECRET_KEY": ""}, "DJANGO_SECRET_KEY"),
        ({**PRODUCTION, "DJANGO_SECRET_KEY": "development-only-x"}, "DJANGO_SECRET_KEY"),
        ({**PRODUCTION, "ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({**PRODUCTION, "DJANGO_DEBUG": "1"}, "DJANGO_DEBUG"),
        ({"CORS_ALLOWED_ORIGINS": "*"}, "CORS_ALLOWED_ORIGINS"),
        ({"CORS_ALLOWED_ORIGINS": "app.example"}, "CORS_ALLOWED_ORIGINS"),
        ({"CORS_ALLOWED_ORIGINS": "null"}, "CORS_ALLOWED_ORIGINS"),
        ({"CORS_ALLOWED_ORIGINS": "https://app.example/path"}, "CORS_ALLOWED_ORIGINS"),
        ({"CORS_ALLOWED_ORIGINS": "https://*.example"}, "CORS_ALLOWED_ORIGINS"),
        ({**PRODUCTION, "ENVIRONMENT": "prod"}, "ENVIRONMENT"),
        ({"LOG_FORMAT": "jason"}, "LOG_FORMAT"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"SECURE_HSTS_SECONDS": "a year"}, "SECURE_HSTS_SECONDS"),
        ({"JWKS_URL": "quotes/.well-known/jwks.json"}, "JWKS_URL"),
        ({"UPSTREAM_READ_TIMEOUT": "1_0"}, "UPSTREAM_READ_TIMEOUT"),
        ({"UPSTREAM_READ_TIMEOUT": "inf"}, "UPSTREAM_READ_TIMEOUT"),
        ({"GRAPHQL_MAX_DEPTH": "1_0"}, "GRAPHQL_MAX_DEPTH"),
        ({"GRAPHQL_MAX_DEPTH": "9" * 5000}, "GRAPHQL_MAX_DEPTH"),
        ({"DJANGO_DEBUG": "maybe"}, "DJANGO_DEBUG"),
        ({"UPSTREAM_READ_TIMEOUT": "soon"}, "UPSTREAM_READ_TIMEOUT"),
        ({"GRAPHQL_MAX_DEPTH": "0"}, "GRAPHQL_MAX_DEPTH"),
        ({"GRAPHQL_MAX_DEPTH": "nan"}, "GRAPHQL_MAX_DEPTH"),
        ({"REQUEST_RATE": "600"}, "REQUEST_RATE"),
        ({"REQUEST_RATE": "0/minute"}, "REQUEST_RATE"),
        ({"REQUEST_RATE": "600/fortnight"}, "REQUEST_RATE"),
        ({"RATE_LIMIT_STORAGE": "mongodb://somewhere"}, "RATE_LIMIT_STORAGE"),
        ({"RATE_LIMIT_STORAGE": "redis://"}, "RATE_LIMIT_STORAGE"),
        ({"RATE_LIMIT_STORAGE": "redis://somewhere:port"}, "RATE_LIMIT_STORAGE"),
        ({"PERSISTED_OPERATIONS_ONLY": "1"}, "PERSISTED_OPERATIONS_ONLY"),
        ({"QUOTES_URL": "quotes:8001"}, "QUOTES_URL"),
        ({"LIKES_URL": "http://likes:port"}, "LIKES_URL"),
    ],
)
def test_a_setting_that_must_not_be_is_named_at_the_start(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=named):
        _settings(monkeypatch, **environment)


def test_operations_that_can_not_be_read_are_named_at_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "operations.json"
    broken.write_text("[")
    for place in (broken, tmp_path / "nowhere.json"):
        start = subprocess.run(
            [sys.executable, "-c", "import gateway.wsgi"],
            env={"PATH": os.environ["PATH"], "PERSISTED_OPERATIONS": str(place)},
            cwd=FILE.parents[1],
            capture_output=True,
            text=True,
            check=False,
        )
        assert start.returncode != 0
        assert f"PERSISTED_OPERATIONS, {place}" in start.stderr.splitlines()[-1]


def test_origins_are_read_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(
        monkeypatch, CORS_ALLOWED_ORIGINS="https://App.example/, tauri://localhost"
    )
    assert settings["CORS_ALLOWED_ORIGINS"] == ["https://app.example", "tauri://localhost"]


def test_no_page_of_localhost_may_call_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _settings(monkeypatch, **PRODUCTION)["CORS_ALLOWED_ORIGIN_REGEXES"] == []


def test_more_headers_may_be_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(monkeypatch, CORS_ALLOWED_HEADERS="X-Tenant, x-other")
    assert settings["CORS_ALLOW_HEADERS"][-2:] == ["x-tenant", "x-other"]
