"""What ninja's OpenAPI document lacks: words for what is sent, errors as they come, formats.

A name means the same wherever it stands, so each API gives its words once, by name.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rest.problem_responses import CONTENT_TYPE, title_of
from rest.schemas import ProblemOut

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = {"$ref": _REFERENCE.format(model=ProblemOut.__name__)}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The `token` that POST /tokens of Quotes gives.",
}
# `openapi_extra` of a read that shows more to some callers.
OPTIONAL_TOKEN: dict[str, Any] = {"security": [{}, {"bearer": []}]}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "After how many seconds to ask again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}


class Word(NamedTuple):
    """What a parameter or a member of a body means, and an example of it."""

    description: str
    example: Any


OF_PAGES = {
    "limit": Word("How many rows at most.", 20),
    "after": Word("Only what comes after the row of this cursor.", "WyJuZXdlc3QiLDEyXQ"),
    "before": Word("Only what comes before the row of this cursor.", "WyJuZXdlc3QiLDEyXQ"),
    "backwards": Word("Whether the last of the rows are asked for, instead of the first.", False),
}

OF_EVENTS = {
    "event": Word(
        "Which events: up to 100 ids, with commas between.", "0b7e5a53-1d0b-4f0a-9d1e-2f6c6d0a7c11"
    ),
    "trace": Word(
        "The events of which request: the trace id of its `traceparent`.",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    ),
}


def complete(document: dict[str, Any], words: Mapping[str, Word]) -> None:
    """Add to a document of ninja's what it lacks."""
    schemas = document["components"]["schemas"]
    problem = ProblemOut.model_json_schema(ref_template=_REFERENCE)
    schemas |= {**problem.pop("$defs"), ProblemOut.__name__: problem}
    document["components"]["securitySchemes"] = {"bearer": _BEARER}
    words = {**OF_PAGES, **OF_EVENTS, **words}
    for operation in _operations(document):
        if operation.get("security", [{}])[0]:
            operation["security"] = [{"bearer": []}]
        for parameter in operation["parameters"]:
            _describe(parameter, words.get(parameter["name"]))
        for schema in _bodies(operation, schemas):
            for name, member in schema["properties"].items():
                _describe(member, words.get(name))
        _document_errors(operation)
    for schema in schemas.values():
        for name, member in schema.get("properties", {}).items():
            if name.endswith("_at"):
                member["format"] = "date-time"


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _bodies(operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for media_type in operation.get("requestBody", {}).get("content", {}).values():
        yield schemas[media_type["schema"]["$ref"].rpartition("/")[2]]


def _describe(what: dict[str, Any], word: Word | None) -> None:
    if word is not None:
        what.setdefault("description", word.description)
        what.setdefault("example", word.example)


def _document_errors(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    declared = {int(status): said for status, said in responses.items() if int(status) >= 400}
    for status in declared.keys() | _errors_of_what_it_takes(operation):
        said = declared.get(status, {}).get("content", {}).get("application/json", {})
        responses[status] = {
            "description": title_of(status),
            "content": {CONTENT_TYPE: {"schema": said.get("schema", _PROBLEM)}},
        }
        if status in {429, 503}:
            responses[status]["headers"] = _RETRY_AFTER
    operation["responses"] = dict(sorted(responses.items()))


def _errors_of_what_it_takes(operation: dict[str, Any]) -> set[int]:
    # what can't be read or stored; a database that doesn't answer
    errors = {400, 503}
    places = {parameter["in"] for parameter in operation["parameters"]}
    if "path" in places:
        errors.add(404)
    if places - {"path"}:
        errors.add(422)
    if "requestBody" in operation:
        errors |= {411, 413, 415, 422}
    if "security" in operation:
        errors.add(401)
    return errors
