"""The last release, taken from the history."""

import re
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from tests import checkouts
from tools.environment import ROOT

_RELEASE = re.compile(r"^## (?P<version>\d\S*) .*commit (?P<commit>[0-9a-f]{40})", re.MULTILINE)


class NotInHistory(Exception):
    """This checkout has no history, or not as much; the message says so."""


def last_release() -> tuple[str, str]:
    """Return the version and the commit that CHANGELOG.md names as the last release."""
    found = _RELEASE.search((ROOT / "CHANGELOG.md").read_text())
    assert found, "CHANGELOG.md names a release as `## 0.1.0 (…, commit <40 digits>)`"
    return found["version"], found["commit"]


def check_out(folder: Path) -> Path:
    """Write the last release into a folder, with an environment in .venv. Raise NotInHistory."""
    version, commit = last_release()
    command = ["git", "archive", "--format=tar", commit]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if run.returncode:
        raise NotInHistory(f"{version} is not in this checkout's history: {run.stderr.decode()}")
    with tarfile.open(fileobj=BytesIO(run.stdout)) as archive:
        archive.extractall(folder, filter="data")
    checkouts.make_environment(folder / ".venv", product=folder)
    return folder
