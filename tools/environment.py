"""Where the checkout has its things, and the commands that its processes find first."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
VENV = ROOT / ".venv"


def with_venv(environment: Mapping[str, str]) -> dict[str, str]:
    """Put the virtual environment's commands first, for the Procfile's `python` and `granian`."""
    path = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return {**environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
