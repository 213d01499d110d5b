"""The processes of the product, as the Procfile has them."""

import re
from pathlib import Path

from tools.environment import ROOT

_PROCESS = re.compile(r"^([\w-]+):\s*(.+)$", re.MULTILINE)


def commands(root: Path = ROOT) -> dict[str, str]:
    """Return each process's command line by its name, in the order of a checkout's Procfile."""
    return dict(_PROCESS.findall((root / "Procfile").read_text()))
