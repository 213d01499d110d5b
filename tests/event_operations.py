"""Operations of AsyncAPI documents."""

from typing import Any


def types_of(operation: dict[str, Any]) -> set[str]:
    """Return the types of the events that an operation sends or receives."""
    return {message["$ref"].rpartition("/")[2] for message in operation["messages"]}
