"""What the AsyncAPI document and the page of each service must say."""

import json
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from django.test import Client
from django.utils.module_loading import import_string

from messaging.conf import messaging_settings
from tests.event_operations import types_of
from tools.environment import ROOT


def assert_is_current(client: Client, service: str) -> None:
    """Check that the document that is served is the one in the tree."""
    written = json.loads((ROOT / "docs" / "asyncapi" / f"{service}.json").read_text())
    assert served(client) == written, "the code has changed: run `make schema`"


def assert_tells_all(client: Client) -> None:
    """Check that each handled type is received, the log has its own, and each has a schema."""
    document, settings = served(client), messaging_settings()
    types = {name: types_of(operation) for name, operation in document["operations"].items()}
    assert types["handle"] == set(import_string(settings.handlers))
    only_logged = settings.only_logged
    logged = [*settings.logged, *only_logged]
    sent = types.get("publish", set()) | types.get("log", set())
    assert types.get("log", set()) == set(matching(sent, logged))
    assert types.get("publish", set()) == sent - set(matching(sent, only_logged))
    assert sent
    for name, message in document["components"]["messages"].items():
        schema = json.loads((settings.schemas / f"{name}.json").read_text())
        assert message["payload"]["properties"] == schema["properties"]
        assert message["payload"]["required"] == schema["required"]


def assert_page_shows_all(client: Client) -> None:
    """Check that the page names all types and members, and loads nothing."""
    document = served(client)
    page = client.get("/docs/events").content.decode()
    for name, message in document["components"]["messages"].items():
        for shown in (name, *message["payload"]["properties"]):
            assert f"<code>{shown}</code>" in page
    for header in document["components"]["schemas"]["CloudEvent"]["properties"]:
        assert f"<code>{header}</code>" in page
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["/asyncapi.json", "/docs"]


def served(client: Client) -> dict[str, Any]:
    """Return the document as programs get it."""
    response = client.get("/asyncapi.json")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    document: dict[str, Any] = response.json()
    return document


def matching(types: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the types that one of the patterns is of."""
    return [name for name in types if any(fnmatchcase(name, each) for each in patterns)]
