"""Whether a container engine can be run here, and why not."""

import os
import shutil
import subprocess
import sys
from functools import cache

PROGRAMS = {"mmdebstrap": "mmdebstrap", "ip": "iproute2", "unshare": "util-linux"}


class NotHere(Exception):
    """No engine can be run on this machine; the message says why."""


def check() -> None:
    """Install what is missing. Raise NotHere if no engine can be run all the same."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise NotHere("it takes root, on Linux")
    missing = [package for name, package in PROGRAMS.items() if shutil.which(name) is None]
    if missing:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)
    _run("unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "true")
    mirror()


@cache
def mirror() -> str:
    """Return the mirror of Debian that this machine's apt uses. Raise NotHere if it has none."""
    listed = _run("apt-get", "indextargets", "--format", "$(SITE) $(ORIGIN) $(RELEASE)")
    codename = _run("sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME").strip()
    for line in listed.splitlines():
        site, *words = line.split()
        if "Debian" in words and words[-1] in {codename, "stable"}:
            return site
    raise NotHere("apt names no mirror of Debian")


def _run(*command: str) -> str:
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=300, check=False, env=_environment()
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"{command[0]}: {error}") from error
    if run.returncode:
        raise NotHere(f"{' '.join(command[:2])} failed: {run.stderr.strip()[-500:]}")
    return run.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
