"""Running a script in Node and reading what it found."""

import json
import subprocess
from pathlib import Path
from typing import Any

PATIENCE = 120  # seconds


def run_node(folder: Path, script: str, *arguments: str) -> Any:
    """Return the JSON that a script prints last; fails with its output if it fails."""
    run = subprocess.run(
        ["node", script, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout.splitlines()[-1])
