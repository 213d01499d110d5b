"""Ids in paths and query strings: whole numbers from 1 to the largest a database can hold."""

from typing import Annotated, Any

from django.urls import register_converter
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from rest.numbers import Whole

MAX_ID = 2**63 - 1  # PostgreSQL's bigint
MAX_IDS = 100  # in one list: as many as a page holds


class IdConverter:
    """Path converter `{id:…}`: what can't be an id of anything matches no path, so it is a 404."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """Read the id. Raises ValueError, which Django takes as no match."""
        if len(value) > 19 or not 1 <= (number := int(value)) <= MAX_ID:
            raise ValueError("no id")
        return number

    def to_url(self, value: int) -> str:
        """Write the id."""
        return str(value)


register_converter(IdConverter, "id")


def _split(value: Any) -> Any:
    """Read `1,2,3`. Ids too large for anything are left out, as there is nothing to find."""
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError("must be whole numbers with commas between")
    if len(parts) > MAX_IDS:
        raise PydanticCustomError("too_long", f"must be at most {MAX_IDS} ids")
    return sorted({int(part) for part in parts if len(part) <= 19 and int(part) <= MAX_ID})


_PATTERN = rf"^ *[0-9]+ *(, *[0-9]+ *){{0,{MAX_IDS - 1}}}$"
# A query parameter `?id=1,2,3`, read as sorted ids without repetitions.
IdList = Annotated[
    list[int],
    BeforeValidator(_split),
    Field(max_length=MAX_IDS),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "example": "1,2,3"}),
]
# A query parameter that is one id.
Id = Annotated[Whole, Field(ge=1, le=MAX_ID)]
