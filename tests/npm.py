"""What tests need from npm: installed when they run, as a lock file pins it."""

import shutil
from pathlib import Path

import pytest

from tools import npm


def installed(folder: Path) -> Path:
    """Answer the folder's `node_modules`, as its lock file says; skips the test without npm."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: what comes from it is left out.")
    return npm.install(folder)
