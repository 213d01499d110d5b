"""What tests need from npm: installed when they run, as a lock file pins it."""

import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder: Path) -> Path:
    """Answer the folder's `node_modules`, as its lock file says; skips the test without npm."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: what comes from it is left out.")
    lock, packages = folder / "package-lock.json", folder / "node_modules"
    stamp = packages / "installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        command = ["npm", "ci", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True)
        shutil.copy(lock, stamp)
    return packages
