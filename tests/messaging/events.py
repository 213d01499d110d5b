"""The events of the tests."""

from dataclasses import dataclass
from typing import ClassVar

from messaging.events import Payload


@dataclass(frozen=True)
class Counted(Payload):
    """Writes an entry."""

    type: ClassVar[str] = "ledger.counted"
    number: int
    note: str = ""

    @property
    def subject(self) -> str:
        return "ledgers/1"


@dataclass(frozen=True)
class Troubled(Counted):
    """Fails as its note says: see `handlers`."""

    type: ClassVar[str] = "ledger.troubled"


@dataclass(frozen=True)
class Unheard(Counted):
    """Has no handler."""

    type: ClassVar[str] = "ledger.unheard"


@dataclass(frozen=True)
class Elsewhere(Counted):
    """Is bound to no queue."""

    type: ClassVar[str] = "elsewhere.counted"
