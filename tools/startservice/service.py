"""What a new service is called, what it follows, and where it listens."""

import json
import keyword
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tools import procfile

# Followed by every service that takes writes, to know who may act.
OF_ACCOUNTS = "quotes.user.*"
_NAME = re.compile(r"[a-z][a-z0-9]{1,30}")


class Refused(Exception):
    """No such service can be made, or taken away; the message says why."""


@dataclass(frozen=True)
class Service:
    """A service that is to be made, or was."""

    name: str  # such as "comments"
    record: str  # what it keeps, such as "comment"
    listens: Sequence[str]  # patterns of types, besides those of accounts
    states: Sequence[str]  # the types among them whose events carry a whole state
    others: Sequence[str]  # the other types among them
    ports: Sequence[int]  # of its web process, relay and consumer

    @property
    def package(self) -> str:
        """The folder of its project."""
        return f"{self.name}_service"

    def named(self, text: str) -> str:
        """Return a text about Likes as one about this service."""
        for of_likes, ours in (
            ("likes", self.name),
            ("Likes", self.name.capitalize()),
            ("LIKES", self.name.upper()),
        ):
            text = text.replace(of_likes, ours)
        return text


def new_service(name: str, listens: Sequence[str], record: str, root: Path) -> Service:
    """Return a service of these names in a checkout. Raise Refused."""
    for word in (name, record):
        if not _NAME.fullmatch(word) or keyword.iskeyword(word):
            raise Refused(f"{word!r} must be small letters and digits, as in comments.")
    if name in sys.stdlib_module_names or name == record:
        raise Refused(f"{name!r} is taken: choose a plural that is no module of Python.")
    if (root / f"{name}_service").exists():
        raise Refused(f"There is a folder {name}_service already.")
    published = _types(root)
    for pattern in listens:
        if not any(fnmatchcase(each, pattern) for each in published):
            raise Refused(f"Nobody publishes {pattern!r}: there are {', '.join(published)}.")
    followed = [
        each
        for each in published
        if any(fnmatchcase(each, pattern) for pattern in listens)
        and not fnmatchcase(each, OF_ACCOUNTS)
    ]
    states = [each for each in followed if published[each]]
    others = [each for each in followed if each not in states]
    return Service(name, record, list(listens), states, others, _free_ports(root))


def made_service(name: str, root: Path) -> Service:
    """Return a service that a checkout has, as far as its entries need it. Raise Refused."""
    ports = procfile.default_ports(root)
    processes = (name, f"{name}-relay", f"{name}-consumer")
    try:
        own = [ports[procfile.port_variable(process)] for process in processes]
    except KeyError:
        raise Refused(f"The Procfile has no service {name}.") from None
    return Service(name, "", [], [], [], own)


def _types(root: Path) -> dict[str, bool]:
    """Return the types of events that are published, and whether they carry a whole state."""
    schemas = {
        path.stem: json.loads(path.read_text())
        for path in sorted((root / "event_schemas").glob("*.json"))
    }
    return {name: "version" in schema["required"] for name, schema in schemas.items()}


def _free_ports(root: Path) -> list[int]:
    """Return ports beside those of the others: 8004 and 8031, 8032 for the third service."""
    taken = set(procfile.default_ports(root).values())
    web = next(port for port in range(8004, 8010) if port not in taken)
    relay = next(port for port in range(8031, 8990, 10) if port not in taken)
    return [web, relay, relay + 1]
