"""Copies of the tree to plant faults in, each with an environment that imports from the copy."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests import checkouts
from tests.planted.faults import Fault, Target
from tools.environment import ROOT, VENV
from tools.suites import settings_of

PATIENCE = 600  # seconds for the tests of one fault, some of which are killed by hanging


class Copy:
    """A copy of the checkout with what is not committed, and with .venv of its own in it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        checkouts.copy(folder)
        for packages in ROOT.glob("**/node_modules"):  # not installed anew
            inside = packages.relative_to(ROOT)
            if "node_modules" not in inside.parent.parts and (folder / inside.parent).is_dir():
                (folder / inside).symlink_to(packages)
        checkouts.make_environment(folder / ".venv", product=folder)
        self._environment = {
            **environment,
            "PATH": environment["PATH"].replace(str(VENV), str(folder / ".venv")),
            "VIRTUAL_ENV": str(folder / ".venv"),
        }

    @contextmanager
    def with_fault(self, fault: Fault) -> Iterator[None]:
        """Have the copy hold the fault meanwhile."""
        path = self._folder / fault.file
        text = path.read_text()
        path.write_text(fault.planted(text))
        try:
            yield
        finally:
            path.write_text(text)

    def run(self, target: Target, database_url: str | None) -> str | None:
        """Return the first test of the target that fails, or None if all pass."""
        command = [
            str(self._folder / ".venv/bin/python"), "-m", "pytest", target.path,
            f"--ds={settings_of(target.path)}", "-x", "-q", "--tb=no", "-p", "no:cacheprovider",
        ]  # fmt: skip
        databases = {"DATABASE_URL": database_url} if database_url else {}
        try:
            run = self.execute(command, **databases)
        except subprocess.TimeoutExpired:
            return f"{target} (hung for {PATIENCE} s)"
        if run.returncode == 0:
            return None
        failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return failed[0].split(" - ")[0].split(" ", 1)[1] if failed else run.stdout + run.stderr

    def execute(
        self, command: Sequence[str], **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy. Raise TimeoutExpired if it goes on for too long."""
        return subprocess.run(
            command,
            cwd=self._folder,
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
