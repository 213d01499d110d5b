"""Whole numbers in query strings: digits, and no other spelling that Python would take."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_WHOLE = re.compile(r"-?[0-9]+")


def _spelt(value: Any) -> Any:
    """Refuse `1_0`, ` 10`, `10.0` and `+10`, which pydantic reads as ten."""
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise PydanticCustomError("int_parsing", "must be a whole number")
    if isinstance(value, bool | float):
        raise PydanticCustomError("int_type", "must be a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_spelt)]
