"""What the OpenAPI document of each service must say, for people and for generated clients."""

import re
from collections.abc import Iterator
from typing import Any


def assert_says_all(document: dict[str, Any]) -> None:
    """Check that nothing is left unsaid of what is sent, and that names and formats are good."""
    schemas = document["components"]["schemas"]
    operations = list(_operations(document))
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z_]{4,24}", each) for each in ids), ids
    assert document["servers"] == [{"url": "/", "description": "Where this document is."}]
    sent = [
        (f"{operation['operationId']}: {each['name']}", each)
        for operation in operations
        for each in operation["parameters"]
    ]
    for operation in operations:
        for media_type in operation.get("requestBody", {}).get("content", {}).values():
            name = media_type["schema"]["$ref"].rpartition("/")[2]
            sent += [(f"{name}.{key}", each) for key, each in schemas[name]["properties"].items()]
    assert sent
    unsaid = [name for name, each in sent if "description" not in each or "example" not in each]
    assert unsaid == []
    for schema in schemas.values():
        for name, each in schema.get("properties", {}).items():
            assert not name.endswith("_at") or each["format"] == "date-time", name


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()
