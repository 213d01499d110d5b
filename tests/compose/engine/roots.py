"""Root file systems from Debian's packages: of the engine's machine, and of stand-ins' images."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.compose.engine.ability import NotHere, mirror
from tests.compose.engine.places import ENGINE

SUITE = "trixie"
PACKAGES = (
    "docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd", "runc", "tini",
    "iptables", "nftables", "iproute2", "ca-certificates", "procps", "kmod",
)  # fmt: skip
TIME = 900.0  # seconds for one; some 30 on a machine that does nothing else


def engine_root() -> None:
    """Make the root of the engine's machine, unless that has been done. Raise NotHere."""
    stamp = ENGINE / "made-of"
    made_of = " ".join((SUITE, *PACKAGES))
    if stamp.exists() and stamp.read_text() == made_of:
        return
    shutil.rmtree(ENGINE, ignore_errors=True)
    make(SUITE, PACKAGES, str(ENGINE))
    stamp.write_text(made_of)


def make(suite: str, packages: tuple[str, ...], target: str) -> None:
    """Make a root as a folder, or a tar if the target's name ends so. Raise NotHere."""
    command = [
        # It mounts what a root has mounted; whatever ends it, that is gone with it.
        "unshare", "--mount", "--propagation", "private",
        "mmdebstrap", "--variant=minbase", f"--include={','.join(packages)}",
        # Of a suite that is no release yet the lists may have been made too long ago.
        '--aptopt=Acquire::Check-Valid-Until "false"', suite, target, mirror(),
    ]  # fmt: skip
    try:
        run = subprocess.run(
            command,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=TIME,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotHere(f"mmdebstrap {suite}: not within {TIME:.0f} s") from None
    if run.returncode:
        if Path(target).is_file():
            Path(target).unlink()
        raise NotHere(f"mmdebstrap {suite} failed: {run.stderr.strip()[-500:]}")
