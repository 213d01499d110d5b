"""`make run` as a newcomer meets it: the banner, GraphiQL, the first quote, and a clean end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.system.clients import register
from tests.system.made_run import PATIENCE, Run, make_run
from tools.children import wait_until
from tools.environment import ROOT, VENV

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "tests", "bench", "docs")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose packages are installed already, without data."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    (copy / ".venv").symlink_to(VENV)
    return copy


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
        second.reader.join(10)
        assert f"Port {run.ports['QUOTES_PORT']} is taken" in second.printed
        assert "set QUOTES_PORT" in second.printed
        assert "Migrating" not in second.printed
