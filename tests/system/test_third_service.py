"""A service that `startservice` makes: its tests pass, it runs with the others, and goes again."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
import requests

from tests import checkouts
from tests.system.clients import User, register
from tests.system.made_run import PATIENCE, Run, make_run
from tools.children import wait_until
from tools.environment import VENV

QUOTES = 40
# The newest of what each quote's events said, and what is not sent or was not handled.
STATES = (
    "from comments_service.models import State as s; print(list(s.objects.values_list('type')))"
)
LEFT = (
    "from messaging.models import DeadLetter, OutboxEvent;"
    "print(OutboxEvent.objects.count(), DeadLetter.objects.count())"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, with the service made in it."""
    folder = committed_checkout(tmp_path_factory.mktemp("third") / "checkout")
    made = start_service(folder, "comments", "--listens", "quotes.quote.*")
    assert "at port 8004" in made
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout without one."""
    return committed_checkout(tmp_path_factory.mktemp("plain") / "checkout")


def committed_checkout(folder: Path) -> Path:
    """Return a copy of ours in which git sees each change."""
    checkouts.copy(folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    identity = ["-c", "user.name=A newcomer", "-c", "user.email=newcomer@example.com"]
    git(folder, *identity, "commit", "--quiet", "--message", "As it was")
    checkouts.make_environment(folder / ".venv", product=folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout


def python(folder: Path, *arguments: str, **environment: str) -> str:
    """Return what a Python of the checkout prints."""
    path = f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}:{VENV / 'bin'}"
    run = subprocess.run(
        [str(folder / ".venv" / "bin" / "python"), *arguments],
        cwd=folder,
        env={"PATH": path, "HOME": os.environ.get("HOME", "/"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def start_service(folder: Path, *arguments: str) -> str:
    return python(folder, "-m", "tools.startservice", *arguments)


def of_the_service(run: Run, code: str) -> str:
    """Return what a command of the service prints."""
    command = ["comments_service/manage.py", "shell", "--no-imports", "--command", code]
    return python(run.checkout, *command).strip()


def kinds(run: Run) -> dict[str, int]:
    """Return how many quotes the service knows by what happened to them last."""
    types = re.findall(r"quotes.quote.(\w+)", of_the_service(run, STATES))
    return dict(Counter(types))


def kill(run: Run, command: str) -> None:
    """Kill a process of the service; its supervisor starts another."""
    for pid in run.processes():
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        if f"comments_service{command}" in line and "/bin/sh" not in line:
            os.kill(pid, signal.SIGKILL)


def write_quotes(user: User, written: list[str]) -> None:
    for number in range(QUOTES):
        written.append(user.create(f"For the third service, {number}."))


def test_it_passes_lint_its_types_and_its_own_tests_on_both_databases(checkout: Path) -> None:
    assert "0 failed" in python(checkout, "-m", "tools.test", "lint", "comments_service")
    packages = ["comments_service", "tests/comments_service"]
    settings = {"DJANGO_SETTINGS_MODULE": "comments_service.settings"}
    assert "Success" in python(checkout, "-m", "mypy", *packages, **settings)


def test_it_stands_wherever_a_service_must_be_named(checkout: Path) -> None:
    names = ["tests/compose/test_compose_file.py", "tests/tools/test_environment.py"]
    settings = "--ds=gateway.settings"
    assert " passed" in python(checkout, "-m", "pytest", "-q", "-n0", settings, *names)


def test_it_runs_with_the_others_and_misses_nothing_while_its_processes_are_killed(
    checkout: Path,
) -> None:
    broker = f"sqlite:///{checkout}/var/broker.sqlite3"
    with make_run(checkout, BROKER_URL=broker) as run:
        run.wait_for_banner()
        comments = run.url("COMMENTS_PORT", "/comments")
        assert run.url("COMMENTS_PORT", "/docs") in run.printed
        user = register(run.url("GATEWAY_PORT", "/graphql"))
        written: list[str] = []
        writer = threading.Thread(target=write_quotes, args=[user, written])
        writer.start()
        made = []
        for process in ("/manage.py consume", "/manage.py relay", "/manage.py consume"):
            made.append(user.rest("POST", comments, {"text": f"Before {process} is killed."}))
            kill(run, process)
        writer.join()
        assert len(written) == QUOTES
        deleted = written.pop()
        user.delete(deleted)
        # Those of the demo data and those written since, each as it was last.
        wait_until(
            lambda: kinds(run) == {"created": 12 + len(written), "deleted": 1},
            patience=PATIENCE,
            what="all quotes have come",
        )
        wait_until(lambda: of_the_service(run, LEFT) == "0 0", patience=PATIENCE, what="all sent")
        listed = requests.get(comments, timeout=10).json()["items"]
        assert [item["text"] for item in reversed(listed)] == [each["text"] for each in made]


def test_it_is_taken_away_without_a_trace(plain: Path) -> None:
    start_service(plain, "notes", "--listens", "likes.like.*", "--listens", "quotes.quote.*")
    assert "notes_service" in git(plain, "status", "--porcelain")
    start_service(plain, "notes", "--remove")
    assert git(plain, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["Comments"], "small letters"),
        (["class"], "small letters"),
        (["json"], "no module of Python"),
        (["quotes"], "a folder quotes_service already"),
        (["comments", "--listens", "nobody.*"], "Nobody publishes 'nobody.*'"),
        (["comments", "--record", "../x"], "small letters"),
        (["tags", "--remove"], "no service tags"),
    ],
)
def test_what_is_no_service_is_refused_and_changes_nothing(
    plain: Path, arguments: list[str], reason: str
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tools.startservice", *arguments],
        cwd=plain,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(plain)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert reason in run.stderr
    assert git(plain, "status", "--porcelain") == ""
