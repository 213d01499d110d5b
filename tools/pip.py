"""What is needed from PyPI in an environment of its own, installed as the folder pins it."""

import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import VAR


def install(folder: Path) -> Path:
    """Return the interpreter that has what the folder's `requirements.txt` says.

    It is installed under var/environments/, unless that has been done.
    """
    requirements = folder / "requirements.txt"
    environment = VAR / "environments" / folder.name
    python, stamp = environment / "bin" / "python", environment / "installed.txt"
    if not stamp.exists() or stamp.read_bytes() != requirements.read_bytes():
        print(f"installing what {folder.name} needs …", file=sys.stderr, flush=True)
        _run(sys.executable, "-m", "venv", "--clear", str(environment))
        _run(str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(requirements))
        shutil.copy(requirements, stamp)
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
