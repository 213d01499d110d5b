"""Text that can be kept: what PostgreSQL or JSON can't hold is refused before a service sees it."""

import re

from gateway.errors import BadUserInput

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object, argument: str) -> None:
    """Raise `BadUserInput` if a text has a NUL or half of a surrogate pair in it."""
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise BadUserInput(
            f"The text of '{argument}' holds a NUL character or invalid Unicode.",
            argument=argument,
        )
