"""The ids of things: opaque, and no two things have the same, whatever their types.

An id is made as Relay's own servers make it: base64 of the type's name and the service's number.
Where it is plain which type is meant, the bare number is understood, too: clients of old have kept
some.
"""

import re
from binascii import Error, a2b_base64, b2a_base64
from typing import NamedTuple

import strawberry

from gateway.errors import BadUserInput

_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_ID = re.compile(rb"([A-Z][A-Za-z]*):([1-9][0-9]{0,18})")
_LARGEST = 2**63 - 1  # what a PostgreSQL bigint holds
_LONGEST = 100  # characters; no type has a name that would make one as long


@strawberry.interface(description="Something that can be asked for again by its `id` alone.")
class Node:
    """What has an id that nothing else has."""

    id: strawberry.ID = strawberry.field(
        description="Opaque; the same for ever, and no other thing's."
    )


class Identified(NamedTuple):
    """What an `ID` stands for; the type of a bare number is not known."""

    type_name: str | None
    number: int


class IdOfAnotherType(BadUserInput):
    """An id of something else than what is asked for."""


def global_id(type_name: str, number: int) -> strawberry.ID:
    """Return the `ID` of a thing."""
    return strawberry.ID(b2a_base64(f"{type_name}:{number}".encode(), newline=False).decode())


def parse_id(value: str) -> Identified | None:
    """Return what an `ID` stands for, or `None` if nothing can have that `ID`."""
    if _NUMBER.fullmatch(value):
        return _identified(None, value)
    if len(value) > _LONGEST or not value.isascii():
        return None
    try:
        found = _ID.fullmatch(a2b_base64(value, strict_mode=True))
    except Error:
        return None
    return _identified(found[1].decode(), found[2]) if found else None


def number_of(value: str, type_name: str, *, argument: str) -> int | None:
    """Return the number of a thing of that type, or `None` if none can have that `ID`.

    Raise `IdOfAnotherType` if it is plainly something else's.
    """
    identified = parse_id(value)
    if identified is None:
        return None
    if identified.type_name not in {None, type_name}:
        raise IdOfAnotherType(
            f"'{argument}' is the id of a {identified.type_name}, not of a {type_name}.",
            argument=argument,
        )
    return identified.number


def _identified(type_name: str | None, digits: str | bytes) -> Identified | None:
    number = int(digits)
    return Identified(type_name, number) if number <= _LARGEST else None
