"""From an opaque GraphQL `ID` to a service's number."""

import re

_ID = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST = 2**63 - 1  # what a PostgreSQL bigint holds


def parse_id(value: str) -> int | None:
    """Return the number that an `ID` stands for, or `None` if nothing can have that `ID`."""
    if _ID.fullmatch(value) is None:
        return None
    number = int(value)
    return number if number <= _LARGEST else None
