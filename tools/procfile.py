"""The processes of the product, as the Procfile has them."""

import re

from tools.environment import ROOT

_PROCESS = re.compile(r"^([\w-]+):\s*(.+)$", re.MULTILINE)


def commands() -> dict[str, str]:
    """Return the command line of each process by its name, in the Procfile's order."""
    return dict(_PROCESS.findall((ROOT / "Procfile").read_text()))
