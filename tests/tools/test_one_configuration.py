"""Commands and servers go by what `make run` goes by."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.environment import ROOT
from web.environment import record

PACKAGES: tuple[str, ...] = (
    "database",
    "event_schemas",
    "gateway",
    "identity",
    "likes_service",
    "messaging",
)
PACKAGES += ("observability", "quotes_service", "rest", "web")
PRINT = (
    "import json; from django.conf import settings as s;"
    "print(json.dumps({name: getattr(s, name, None) for name in ("
    "'DATABASE_URL', 'BROKER_URL', 'QUOTES_URL', 'LIKES_URL', 'JWKS_FILE')}))"
)
WAYS = {
    "manage.py": ["{service}/manage.py", "shell", "--no-imports", "--command", PRINT],
    "the server": ["-c", "import {service}.wsgi;" + PRINT],
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("static", "__pycache__")
        shutil.copytree(ROOT / package, tmp_path / "checkout" / package, ignore=ignored)
    (tmp_path / "checkout" / "var").mkdir()
    return tmp_path / "checkout"


def settings_of(
    checkout: Path, service: str = "quotes_service", way: str = "manage.py", **environment: str
) -> dict[str, str]:
    """Return what a process of a service goes by that is started in another folder."""
    command = [part.replace("{service}", service) for part in WAYS[way]]
    if way == "manage.py":
        command[0] = str(checkout / command[0])
    run = subprocess.run(
        [sys.executable, *command],
        cwd=checkout.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, str] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("service", ["quotes_service", "likes_service"])
def test_a_process_reads_env_from_any_folder(checkout: Path, service: str, way: str) -> None:
    (checkout / ".env").write_bytes(
        b"\xef\xbb\xbfBROKER_URL=amqp://guest:guest@127.0.0.1:9/\n"
        b"QUOTES_DATABASE_URL=sqlite:///kept/quotes.sqlite3\n"
        b"LIKES_DATABASE_URL=sqlite:////elsewhere/likes.sqlite3\n"
        b"QUOTES_PORT=9001\nLIKES_URL=http://likes.example\n"
    )
    found = settings_of(checkout, service, way)
    assert found["BROKER_URL"] == "amqp://guest:guest@127.0.0.1:9/"
    databases = {
        "quotes_service": f"sqlite:///{checkout}/kept/quotes.sqlite3",
        "likes_service": "sqlite:////elsewhere/likes.sqlite3",
    }
    assert found["DATABASE_URL"] == databases[service]
    assert found["QUOTES_URL"] == "http://127.0.0.1:9001"
    assert found["LIKES_URL"] in {"http://likes.example", None}  # which Likes has no use for


def test_a_process_goes_by_the_broker_that_make_run_chose(checkout: Path) -> None:
    record(
        {"BROKER_URL": "amqp://chosen:5/", "QUOTES_PORT": "9001", "PATH": "/bin", "LIKES_URL": ""},
        checkout,
    )
    written = checkout / "var" / "run.json"
    assert json.loads(written.read_text()) == {
        "BROKER_URL": "amqp://chosen:5/",
        "QUOTES_PORT": "9001",
    }
    assert written.stat().st_mode & 0o777 == 0o600
    found = settings_of(checkout)
    assert found["BROKER_URL"] == "amqp://chosen:5/"
    assert found["QUOTES_URL"] == "http://127.0.0.1:9001"
    assert settings_of(checkout, BROKER_URL="amqp://own/")["BROKER_URL"] == "amqp://own/"
    (checkout / ".env").write_text("BROKER_URL=amqp://file/\nQUOTES_PORT=9002\n")
    found = settings_of(checkout)
    assert (found["BROKER_URL"], found["QUOTES_URL"]) == ("amqp://file/", "http://127.0.0.1:9002")
    none = settings_of(checkout, ENV_FILE="")
    assert none["BROKER_URL"] == f"sqlite:///{checkout}/var/broker.sqlite3"


def test_the_database_that_the_caller_names_wins_over_that_of_make_run(checkout: Path) -> None:
    record({"QUOTES_DATABASE_URL": "sqlite:////of/make_run"}, checkout)
    assert settings_of(checkout)["DATABASE_URL"] == "sqlite:////of/make_run"
    own = settings_of(checkout, DATABASE_URL="sqlite:////my/own")
    assert own["DATABASE_URL"] == "sqlite:////my/own"


@pytest.mark.parametrize("name", [".env", "var/run.json"])
@pytest.mark.parametrize("service", ["quotes_service", "likes_service", "gateway"])
def test_a_file_that_can_not_be_read_is_told_in_a_line(
    checkout: Path, service: str, name: str
) -> None:
    (checkout / name).write_bytes("A=1".encode("utf-16"))
    run = subprocess.run(
        [sys.executable, str(checkout / service / "manage.py"), "check"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert name in run.stderr


def test_make_run_refuses_one_database_for_both_services(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tools.run"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", "DATABASE_URL": "sqlite:////one"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert "set QUOTES_DATABASE_URL and LIKES_DATABASE_URL" in run.stderr
