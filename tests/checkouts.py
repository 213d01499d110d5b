"""Copies of the checkout, and environments that find the product elsewhere than here."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tools.environment import ROOT, VENV


def files() -> list[str]:
    """Return the names of all files that are committed, or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def copy(folder: Path) -> None:
    """Copy those files into a folder."""
    for name in files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)


def make_environment(folder: Path, product: Path | None = None) -> None:
    """Make a virtual environment that finds our dependencies, and the product at its path if given.

    The checkout isn't in it: a path in a .pth file is searched, but .pth files there aren't read,
    among them the one that leads to the checkout.
    """
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = [*([str(product)] if product else []), sysconfig.get_path("purelib")]
    site = folder / "lib" / version / "site-packages"
    (site / "places.pth").write_text("\n".join(places) + "\n")
    for command in (VENV / "bin").iterdir():
        ours = folder / "bin" / command.name
        if not ours.exists() and (content := command.read_bytes()).startswith(b"#!"):
            ours.write_bytes(content.replace(os.fsencode(VENV), os.fsencode(folder)))
            ours.chmod(0o755)
