"""Text that can be kept: what PostgreSQL or JSON can't hold is refused before a service sees it."""

import re
from typing import TypeVar

from gateway.errors import BadUserInput
from web.texts import normal_form

T = TypeVar("T")

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: T, argument: str) -> T | str:
    """Return the value, a text in NFC.

    Raise `BadUserInput` if a text has a NUL or half of a surrogate pair in it.
    """
    if not isinstance(value, str):
        return value
    if _UNSTORABLE.search(value):
        raise BadUserInput(
            f"The text of '{argument}' holds a NUL character or invalid Unicode.",
            argument=argument,
        )
    return normal_form(value)
