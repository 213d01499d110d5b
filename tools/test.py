"""`make test`: lint, types and all tests, against private servers; one stage hides no other."""

import os
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.environment import ROOT, VENV, with_venv
from tools.servers import PrivatePostgres, PrivateRabbitMQ
from tools.suites import SUITES, Suite

# Suites at once: a good part of each is waiting, even where it has workers.
LANES = 2
# The projects, each with the packages whose types are checked under its settings.
TYPED = {
    "quotes_service.settings": [
        "database", "quotes_service", "rest", "web",
        "tests/database", "tests/quotes_service", "tests/rest", "tests/web",
    ],
    "likes_service.settings": ["identity", "likes_service", "tests/likes_service"],
    "gateway.settings": [
        "gateway", "observability", "tools",
        "tests/gateway", "tests/identity", "tests/tools", "tests/compose", "tests/system",
        "tests/page", "tests/planted", "tests/histories", "tests/observability", "bench",
    ],
    "tests.messaging.settings": ["messaging", "tests/messaging"],
    "tests.simulation.settings": ["tests/simulation", "tests/upgrades"],
}  # fmt: skip


@dataclass
class Report:
    """What passed and what failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    _printing: threading.Lock = field(default_factory=threading.Lock)

    def check(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run a check that passes or fails as a whole."""
        print(f"\n== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=dict(environment), check=False).returncode:
            self.failures.append(name)

    def tests(self, suite: Suite, environment: Mapping[str, str], *, alone: bool) -> None:
        """Run a suite, and add up its tests. What one that is `alone` prints is shown as it comes,
        and of others in one piece.
        """
        folders = [folder for folder in suite.folders if _has_tests(ROOT / folder)]
        if not folders:
            return
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            outcome = Path(folder) / "outcome.xml"
            command = [
                "python", "-m", "pytest", *folders, f"--ds={suite.settings}", "-q",
                f"--junitxml={outcome}", *[f"--ignore={folder}" for folder in suite.besides],
                *(["-n", str(suite.workers), "--dist", "loadfile"] if suite.workers else []),
            ]  # fmt: skip
            run = subprocess.run(
                command,
                cwd=ROOT,
                env=dict(environment),
                check=False,
                stdout=None if alone else subprocess.PIPE,
                stderr=None if alone else subprocess.STDOUT,
                text=True,
            )
            with self._printing:
                seconds = time.monotonic() - started
                print(f"\n== {suite.name}\n{run.stdout or ''}   {seconds:.0f} s", flush=True)
                self._add(outcome)
                if run.returncode:
                    self.failures.append(suite.name)

    def _add(self, outcome: Path) -> None:
        if not outcome.exists():
            self.failed += 1
            return
        for suite in ElementTree.parse(outcome).iter("testsuite"):  # noqa: S314 - our own file
            count = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors")}
            bad, skipped = count["failures"] + count["errors"], int(suite.get("skipped", 0))
            self.failed += bad
            self.skipped += skipped
            self.passed += max(0, count["tests"] - bad - skipped)

    def total(self) -> int:
        """Print the total, and return the exit code."""
        print()
        for name in self.failures:
            print(f"FAILED: {name}")
        failed = max(self.failed, len(self.failures))
        print(f"{self.passed} passed, {failed} failed, {self.skipped} skipped")
        return 1 if self.failures else 0


def _has_tests(place: Path) -> bool:
    return place.is_file() or any(place.glob("**/test_*.py"))


def lint(report: Report, environment: Mapping[str, str]) -> None:
    """Check style, and who imports whom."""
    report.check("ruff check", ["ruff", "check", "."], environment)
    report.check("ruff format", ["ruff", "format", "--check", "."], environment)
    report.check("lint-imports", ["lint-imports"], environment)


def types(report: Report, environment: Mapping[str, str]) -> None:
    """Check the types of each project under its own settings."""
    for settings, packages in TYPED.items():
        there = [package for package in packages if any((ROOT / package).glob("**/*.py"))]
        typed = {**environment, "DJANGO_SETTINGS_MODULE": settings}
        report.check(f"mypy {' '.join(there)}", ["mypy", *there], typed)


def tests(report: Report, environment: Mapping[str, str], chosen: Sequence[str]) -> None:
    """Run all suites, or those that have a chosen word in their names, with servers up."""
    with PrivatePostgres() as postgres, PrivateRabbitMQ() as rabbitmq:
        servers = {
            **environment,
            "TEST_POSTGRES_URL": postgres.url,
            "TEST_RABBITMQ_URL": rabbitmq.url,
        }
        with ThreadPoolExecutor(LANES) as pool:
            asked, runs = _asked(chosen), []
            for number, suite in enumerate(asked):
                given = {**servers, **suite.environment}
                if suite.postgresql:  # with a database beside that of another suite
                    given["DATABASE_URL"] = postgres.create_database(f"suite_{number}")
                runs.append(pool.submit(report.tests, suite, given, alone=len(asked) == 1))
        for run in runs:
            run.result()  # raises what it has raised


def _asked(chosen: Sequence[str]) -> list[Suite]:
    if not chosen:
        return [suite for suite in SUITES if not suite.on_request]
    return [suite for suite in SUITES if any(word in suite.name for word in chosen)]


def environment_of_tests() -> dict[str, str]:
    """Return the environment of tests: what the caller set for `make run` must not leak there."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "http_proxy", "https_proxy",
            "PIP_INDEX_URL", "NO_PROXY", "no_proxy", "CI")  # fmt: skip
    caller = {
        name: value
        for name, value in os.environ.items()
        if name in kept
        or name.startswith(("npm_config_", "NPM_CONFIG_", "PYTEST_", "PIP_", "CHAOS_", "FUZZ_"))
    }
    return {**with_venv(caller), "VIRTUAL_ENV": str(VENV)}


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for: `lint`, `types`, words of suites' names, or everything."""
    environment = environment_of_tests()
    report = Report()
    if not arguments or "lint" in arguments:
        lint(report, environment)
    if not arguments or "types" in arguments:
        types(report, environment)
    chosen = [word for word in arguments if word not in ("lint", "types")]
    if chosen or not arguments:
        tests(report, environment, chosen)
    return report.total()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
