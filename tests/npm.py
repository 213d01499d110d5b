"""What tests need from npm: installed when they run, as a lock file pins it."""

import shutil
from pathlib import Path

import pytest

from tools import npm


def require() -> None:
    """Skip the test without npm."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: what comes from it is left out.")


def installed(folder: Path) -> Path:
    """Return the folder's `node_modules`, as its lock file says; skip the test without npm."""
    require()
    return npm.install(folder)
