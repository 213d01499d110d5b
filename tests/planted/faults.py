"""What a planted fault is, and the lists of them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.environment import ROOT

ON_POSTGRESQL = " on PostgreSQL"


class Unplantable(Exception):
    """A fault doesn't apply to exactly one place; the message says to which file."""


@dataclass(frozen=True)
class Target:
    """Tests that must notice: a pytest path, which runs on PostgreSQL if it says so."""

    path: str
    postgresql: bool

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Return the target of `tests/…`, or of `tests/… on PostgreSQL`."""
        return cls(text.removesuffix(ON_POSTGRESQL), text.endswith(ON_POSTGRESQL))

    def __str__(self) -> str:
        return self.path + (ON_POSTGRESQL if self.postgresql else "")


@dataclass(frozen=True)
class Fault:
    """A replacement of text in one file, what users would suffer, and who must notice."""

    name: str
    area: str  # the TOML file that it stands in, without its ending
    file: str
    before: str
    after: str
    suffers: str
    targets: Sequence[Target]
    simulated: bool = False  # the simulation must notice it, too
    recorded: bool = False  # clients of the running product must notice it, too

    def planted(self, text: str) -> str:
        """Return the file's text with the fault. Raise Unplantable unless it applies once."""
        places = text.count(self.before)
        if places != 1:
            raise Unplantable(f"{self.name}: applies to {places} places of {self.file}, not to 1")
        return text.replace(self.before, self.after)


def all_faults() -> list[Fault]:
    """Return the faults of every list, in the order in which they stand there."""
    return [
        fault
        for path in sorted(Path(__file__).parent.glob("*.toml"))
        for fault in _read(path, tomllib.loads(path.read_text())["fault"])
    ]


def chosen(words: Sequence[str]) -> list[Fault]:
    """Return the faults of which a word is in the area, the name or the file; all without words."""
    return [
        fault
        for fault in all_faults()
        if not words
        or any(word in text for word in words for text in (fault.area, fault.name, fault.file))
    ]


def text_of(fault: Fault) -> str:
    """Return the text of the file into which it goes, as it stands in the tree."""
    return (ROOT / fault.file).read_text()


def _read(path: Path, entries: Sequence[dict[str, object]]) -> list[Fault]:
    faults = []
    for entry in entries:
        noticed_by = entry.pop("noticed_by")
        assert isinstance(noticed_by, list)
        targets = [Target.parse(text) for text in noticed_by]
        faults.append(Fault(area=path.stem, targets=targets, **entry))  # type: ignore[arg-type]
    return faults
