"""What is needed from npm, installed as a lock file beside it pins it."""

import shutil
import subprocess
from pathlib import Path


def install(folder: Path) -> Path:
    """Return the folder's `node_modules`, installed unless that has been done. Needs npm."""
    lock, packages = folder / "package-lock.json", folder / "node_modules"
    stamp = packages / "installed-lock.json"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        command = ["npm", "ci", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True)
        shutil.copy(lock, stamp)
    return packages
