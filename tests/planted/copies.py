"""Copies of the tree to plant faults in, each with an environment that imports from the copy."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.planted.faults import Fault, Target
from tools.environment import ROOT, VENV
from tools.test import settings_of

PATIENCE = 600  # seconds for the tests of one fault, some of which are killed by hanging


class Copy:
    """A copy of the checkout with what is not committed, and with .venv of its own in it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for packages in ROOT.glob("**/node_modules"):  # not installed anew
            inside = packages.relative_to(ROOT)
            if "node_modules" not in inside.parent.parts and (folder / inside.parent).is_dir():
                (folder / inside).symlink_to(packages)
        _make_environment(folder)
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
            run = subprocess.run(
                command,
                cwd=self._folder,
                env={**self._environment, **databases},
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{target} (hung for {PATIENCE} s)"
        if run.returncode == 0:
            return None
        failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return failed[0].split(" - ")[0].split(" ", 1)[1] if failed else run.stdout + run.stderr


def _make_environment(folder: Path) -> None:
    """Make a .venv that has our packages, and finds the product in the copy alone.

    A path in a .pth file is only searched: ours, which leads to the checkout, isn't followed.
    """
    venv.create(folder / ".venv", symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / ".venv" / "lib" / version / "site-packages"
    (site / "copy.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
    for command in (VENV / "bin").iterdir():
        copied = folder / ".venv" / "bin" / command.name
        if not copied.exists() and (content := command.read_bytes()).startswith(b"#!"):
            copied.write_bytes(content.replace(os.fsencode(VENV), os.fsencode(folder / ".venv")))
            copied.chmod(0o755)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
