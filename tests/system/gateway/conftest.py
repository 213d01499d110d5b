"""One running product for all that outside judges and real clients try on its gateway."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.stack import Stack, running

JAVASCRIPT = Path(__file__).parent / "javascript"


@pytest.fixture(scope="package")
def product() -> Iterator[Stack]:
    """The product on SQLite and the embedded broker, which suffice for what is asked here."""
    with running() as stack:
        yield stack


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """Answer the folder with the npm packages that the lock file there pins, installed."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: what runs in Node is left out.")
    lock = JAVASCRIPT / "package-lock.json"
    stamp = JAVASCRIPT / "node_modules" / "installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        command = ["npm", "ci", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=JAVASCRIPT, check=True)
        shutil.copy(lock, stamp)
    return JAVASCRIPT
