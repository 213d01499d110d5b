"""The locked packages can be installed by every Python that the product runs on."""

import re
import subprocess
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.environment import ROOT

# Debian 12 has this one, and pip refuses what isn't locked with its hash.
DEBIAN_12 = {"python_version": "3.11", "python_full_version": "3.11.2"}
# The image of docker-compose.yml has this one.
IMAGE = {"python_version": "3.13", "python_full_version": "3.13.9"}


@pytest.mark.parametrize("python", [DEBIAN_12, IMAGE], ids=["Debian 12", "the image"])
@pytest.mark.parametrize("lock", ["run", "dev"])
def test_all_that_a_locked_package_needs_is_locked(lock: str, python: dict[str, str]) -> None:
    locked = _locked(lock)
    assert len(locked) > 20
    needed = {
        canonicalize_name(requirement.name): f"{name} needs {requirement}"
        for name in locked
        for requirement in map(Requirement, metadata.requires(name) or ())
        if _is_needed(requirement, locked[name], python)
    }
    missing = needed.keys() - locked.keys()
    assert not missing, [needed[name] for name in missing]


def test_no_lock_of_npm_names_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*package-lock.json"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    assert len(listed) > 4
    assert [lock for lock in listed if '"resolved"' in (ROOT / lock).read_text()] == []


def _is_needed(requirement: Requirement, extras: set[str], python: dict[str, str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate(python | {"extra": each}) for each in extras)


def _locked(lock: str) -> dict[str, set[str]]:
    """Return the packages of a lock file, each with the extras that are asked of it."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    names = [canonicalize_name(each) for each in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)]
    extras: dict[str, set[str]] = {each: {""} for each in names}
    asked = {"quotes-in-step": {"", "gateway", "service", "run", "dev"}, **extras}
    for name, own in asked.items():
        for requirement in map(Requirement, metadata.requires(name) or ()):
            if _is_needed(requirement, own, IMAGE):
                extras.get(canonicalize_name(requirement.name), set()).update(requirement.extras)
    return extras
