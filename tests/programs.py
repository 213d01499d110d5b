"""Programs of Python that tests run from the checkout."""

import os
import subprocess
import sys
from pathlib import Path

from tools.environment import ROOT


def run_python(
    *arguments: str, folder: Path | str = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, and with no more than that in its environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PATH": os.environ["PATH"], "ENV_FILE": "", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
