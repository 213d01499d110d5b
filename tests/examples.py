"""The examples in tests/contracts of what one service gives another."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

CONTRACTS = Path(__file__).parent / "contracts"


def read(path: Path) -> Any:
    """Return the JSON of a file."""
    return json.loads(path.read_text())


def shape(value: Any, nullable: Collection[str]) -> Any:
    """Return the names and kinds of a JSON value, without its values.

    What is `nullable` may hold a value or null: what an example has decides nothing.
    """
    if isinstance(value, dict):
        return {
            name: "nullable" if name in nullable else shape(item, nullable)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [shape(item, nullable) for item in value[:1]]
    return type(value).__name__
