"""`make run` as a newcomer meets it: the banner, GraphiQL, the first quote, and a clean end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.system.clients import register
from tools.children import wait_until
from tools.environment import ROOT, VENV
from tools.ports import DEFAULTS, free_port

PATIENCE = 120.0
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "tests", "bench", "docs")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose packages are installed already, without data."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    (copy / ".venv").symlink_to(VENV)
    return copy


class Run:
    """What `make run` starts once all is installed, and what it has printed."""

    def __init__(self, checkout: Path, **environment: str) -> None:
        self.ports = {name: str(free_port()) for name in DEFAULTS}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"],
            cwd=checkout,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(checkout),
                "PYTHONUNBUFFERED": "1",
                **self.ports,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.checkout = checkout
        self.printed = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def wait_for_banner(self) -> None:
        wait_until(
            lambda: "Ctrl-C stops everything" in self.printed or self.process.poll() is not None,
            patience=PATIENCE,
            what="the banner",
        )
        assert self.process.poll() is None, self.printed

    def processes(self) -> set[int]:
        """Return all processes that work for this checkout."""
        found = set()
        for entry in Path("/proc").iterdir():
            try:
                environment = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
            except OSError:
                continue
            if str(self.checkout).encode() in environment:
                found.add(int(entry.name))
        return found

    def wait_for_the_end_of_all(self) -> None:
        """Wait until no process works for this checkout any more."""
        left: list[str] = []

        def ended() -> bool:
            left[:] = [f"{pid} {_command(pid)}" for pid in self.processes()]
            return not left

        try:
            wait_until(ended, patience=PATIENCE, what="all processes have ended")
        except TimeoutError:
            raise AssertionError(f"still there: {left}\n{self.printed[-3000:]}") from None

    def url(self, name: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
    except OSError:
        return ""


def of_a_command(checkout: Path) -> list[object]:
    """Return what a command finds that is given nothing: quotes, where Likes is, and the broker."""
    command = (
        "import json; from django.conf import settings; from quotes_service.models import Quote;"
        "print(json.dumps([Quote.objects.count(), settings.LIKES_URL, settings.BROKER_URL]))"
    )
    manage = str(checkout / "quotes_service" / "manage.py")
    run = subprocess.run(
        [sys.executable, manage, "shell", "--no-imports", "--command", command],
        cwd="/",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(run.stdout)
    return found


def enters(admin: str, password: str) -> bool:
    """Return whether a browser can enter an admin as the banner says."""
    browser = requests.Session()
    form = browser.get(admin, timeout=10)
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    login = {"username": "admin", "password": password, "csrfmiddlewaretoken": token}
    browser.post(form.url, login, headers={"Referer": form.url}, timeout=10)
    page = browser.get(admin, timeout=10)
    return page.url == admin and "Site administration" in page.text


@contextmanager
def make_run(checkout: Path, **environment: str) -> Iterator[Run]:
    run = Run(checkout, **environment)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGTERM)
        run.process.wait(60)


def test_a_newcomer_gets_a_banner_graphiql_and_quotes_and_leaves_nothing_behind(
    checkout: Path,
) -> None:
    with make_run(checkout) as run:
        run.wait_for_banner()
        assert run.url("GATEWAY_PORT", "/graphql") in run.printed
        assert "The broker is " in run.printed
        password = re.search(r"Demo user +demo, password (\S+)", run.printed)
        assert password is not None
        admins = re.findall(r"http://\S+/admin/", run.printed)
        assert admins == [run.url(name, "/admin/") for name in ("QUOTES_PORT", "LIKES_PORT")]
        assert [enters(admin, password[1]) for admin in admins] == [True, True]
        page = requests.get(
            run.url("GATEWAY_PORT", "/graphql"), headers={"Accept": "text/html"}, timeout=10
        )
        assert "graphiql" in page.text.lower()
        user = register(run.url("GATEWAY_PORT", "/graphql"))
        quotes = user.ask("{ quotes(first: 100) { edges { node { id likes } } } }")["quotes"]
        assert len(quotes["edges"]) == 12
        quote_id = user.create("My first quote")
        assert user.like(quote_id) == 1
        assert of_a_command(checkout) == [
            len(quotes["edges"]) + 1,
            run.url("LIKES_PORT", ""),
            json.loads((checkout / "var" / "run.json").read_text())["BROKER_URL"],
        ]
        wait_until(lambda: user.likes(quote_id) == 1, patience=PATIENCE, what="its like is counted")
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(60) == 0
        run.wait_for_the_end_of_all()


def test_nothing_outlives_it_when_it_is_killed_and_a_second_run_goes_on_with_the_data(
    checkout: Path,
) -> None:
    with make_run(checkout) as run:
        run.wait_for_banner()
        quote_id = register(run.url("GATEWAY_PORT", "/graphql")).create("To be kept")
        run.process.kill()
        run.process.wait(60)
        run.wait_for_the_end_of_all()
    with make_run(checkout, BROKER_URL=f"sqlite:///{checkout}/var/broker.sqlite3") as run:
        run.wait_for_banner()
        assert "the embedded broker" in run.printed
        assert register(run.url("GATEWAY_PORT", "/graphql")).likes(quote_id) == 0
        # A port that is taken is said before anything starts.
        second = Run(checkout, **run.ports)
        assert second.process.wait(60) == 1
        second._reader.join(10)
        assert f"Port {run.ports['QUOTES_PORT']} is taken" in second.printed
        assert "set QUOTES_PORT" in second.printed
        assert "Migrating" not in second.printed
