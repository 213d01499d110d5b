"""The processes of the product, as the Procfile has them: no other list names them all."""

import re
from pathlib import Path

from tools.environment import ROOT

_PROCESS = re.compile(r"^([\w-]+):\s*(.+)$", re.MULTILINE)
_PORT = re.compile(r"\$\{(\w+_PORT):-(\d+)\}")
_RELAY = re.compile(r"^python (\w+)_service/manage\.py relay\b")


def commands(root: Path = ROOT) -> dict[str, str]:
    """Return each process's command line by its name, in the order of a checkout's Procfile."""
    return dict(_PROCESS.findall((root / "Procfile").read_text()))


def services(root: Path = ROOT) -> list[str]:
    """Return the services that have a relay, such as `quotes`, whose folder is quotes_service."""
    found = (_RELAY.match(command) for command in commands(root).values())
    return [match[1] for match in found if match]


def default_ports(root: Path = ROOT) -> dict[str, int]:
    """Return the port of each process if its variable is not set, by that variable."""
    found = (_PORT.search(command) for command in commands(root).values())
    return {match[1]: int(match[2]) for match in found if match}


def port_variable(process: str) -> str:
    """Return the variable that sets the port of a process."""
    return f"{process.replace('-', '_').upper()}_PORT"


def database_variable(service: str) -> str:
    """Return the variable that says which database a service has."""
    return f"{service.upper()}_DATABASE_URL"
