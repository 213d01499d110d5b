"""Scalars of the schema's own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

_EXAMPLE = "2026-11-25T04:38:40.123456Z"


def moment(value: datetime) -> str:
    """Return a time as the schema has it, always in UTC: `2026-11-25T04:38:40.123456Z`."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def parsed_moment(value: Any) -> datetime:
    """Return the time that an input says, in UTC. Raise GraphQLError if it says none."""
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        pass
    raise GraphQLError(f"A DateTime is a text as '{_EXAMPLE}', with its offset from UTC.")


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=f"A moment, to the microsecond, in UTC: `{_EXAMPLE}`. Another offset may be "
        "sent.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=moment,
        parse_value=parsed_moment,
    )
}
