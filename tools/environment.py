"""The environment that the processes of `make run` share: the caller's own, then .env."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"
VENV = ROOT / ".venv"


def read_env_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; quotes around a value are left out, `#` starts a comment line."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            values[name.removeprefix("export ").strip()] = value
    return values


def run_environment(caller: Mapping[str, str] = os.environ, root: Path = ROOT) -> dict[str, str]:
    """Return what `make run` goes by. What the caller has set wins over the file."""
    return read_env_file(root / ".env") | dict(caller)


def with_venv(environment: Mapping[str, str]) -> dict[str, str]:
    """Put the virtual environment's commands first, for the Procfile's `python` and `granian`."""
    path = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return {**environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
