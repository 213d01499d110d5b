"""Images under the names of the official ones, made here of Debian's packages."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.compose.engine import roots
from tests.compose.engine.machine import Machine
from tests.compose.engine.places import WORK
from tools.environment import ROOT

IMAGES = ROOT / "tests" / "compose" / "engine" / "images"
LOCK = ROOT / "requirements" / "run.txt"


@dataclass(frozen=True)
class StandIn:
    """What an image is made of; its Dockerfile is in the folder of its name."""

    name: str
    suite: str
    packages: tuple[str, ...]

    @property
    def base(self) -> str:
        """The image of its packages alone."""
        return f"base-{self.name}:{_hash(self.suite, *self.packages)}"

    @property
    def made(self) -> str:
        """The image as it is when nothing has changed since."""
        files = sorted((IMAGES / self.name).iterdir())
        lock = LOCK.read_text() if self.name == "python" else ""
        return f"made-{self.name}:{_hash(self.base, lock, *(file.read_text() for file in files))}"


STAND_INS = {
    each.name: each
    for each in (
        StandIn("postgres", "trixie", ("postgresql-17", "gosu", "locales")),
        StandIn("rabbitmq", "trixie", ("rabbitmq-server", "gosu", "curl", "procps")),
        # 1.27.3 or later, for an upstream that is resolved again; trixie's is 1.26.
        StandIn("nginx", "forky", ("nginx", "curl")),
        StandIn("python", "trixie", ("python3.13", "python3.13-venv", "python3-pip")),
    )
}


def provide(machine: Machine, image: str) -> None:
    """Have an image of that name, such as postgres:17.12. Raise NotHere if it can't be made."""
    stand_in = STAND_INS[image.partition(":")[0]]
    if not _exists(machine, stand_in.made):
        _make(machine, stand_in)
    machine.run("docker", "image", "tag", stand_in.made, image)


def _make(machine: Machine, stand_in: StandIn) -> None:
    if not _exists(machine, stand_in.base):
        tar = WORK / f"{stand_in.name}.tar"
        roots.make(stand_in.suite, stand_in.packages, str(tar))
        machine.run("docker", "image", "import", str(tar), stand_in.base)
        tar.unlink()
    folder = WORK / stand_in.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(IMAGES / stand_in.name, folder)
    if stand_in.name == "python":
        _download(folder / "wheels")
    base = f"BASE={stand_in.base}"
    machine.run(
        "docker", "build", "--quiet", "--build-arg", base, "--tag", stand_in.made, str(folder)
    )
    shutil.rmtree(folder)


def _download(folder: Path) -> None:
    """Download what the product's image installs: a build has no network here."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps",
        "--only-binary=:all:", "--python-version=3.13", "--requirement", str(LOCK),
        "--dest", str(folder),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=600)


def _exists(machine: Machine, image: str) -> bool:
    return machine.try_to("docker", "image", "inspect", image).returncode == 0


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
