"""Text and JSON as they may come in: only what JSON and PostgreSQL can hold, in one normal form.

NUL can't be stored in PostgreSQL, and a lone surrogate in no UTF-8 at all: both are refused
at the door, before a row or an event is written. There all text becomes NFC, too.
"""

from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from rest.errors import InvalidRequest, UnreadableBody
from web.bodies import BodyRefused, check_declaration, check_text
from web.queries import is_utf8
from web.texts import normal_form


class StrictParser(Parser):
    """Ninja's parser, made strict: `NinjaAPI(parser=StrictParser())`."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read JSON as RFC 8259 has it: no NaN, no lone surrogates, bounded in depth."""
        try:
            check_declaration(request)
            data = self._json(request.body)
        except BodyRefused as refused:
            raise UnreadableBody(str(refused), status=refused.status) from refused
        if not isinstance(data, dict):
            raise InvalidRequest("The body must be a JSON object.")
        refuse_unstorable(data)
        return {key: in_normal_form(value) for key, value in data.items()}

    def _json(self, body: bytes) -> Any:
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            check_text(body)
            raise InvalidRequest(f"The body is not valid JSON: {error}.") from error

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Read the query string."""
        if not is_utf8(request):
            raise InvalidRequest("The query string is not valid UTF-8.")
        refuse_unstorable([[key, *values] for key, values in data.lists()])
        normal = data.copy()
        for key, values in data.lists():
            normal.setlist(key, list(map(in_normal_form, values)))
        return super().parse_querydict(normal, list_fields, request)


def refuse_unstorable(value: Any) -> None:
    """Raise `InvalidRequest` if a text in the JSON value holds NUL or a lone surrogate."""
    waiting = [value]
    while waiting:  # no recursion: the depth is the sender's choice
        item = waiting.pop()
        if isinstance(item, str):
            if not storable(item):
                raise InvalidRequest("A text holds a character that can't be stored.")
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def in_normal_form(value: Any) -> Any:
    """Return a field's value with its text in NFC. No field of ours has a text further inside."""
    return normal_form(value) if isinstance(value, str) else value


def storable(text: str) -> bool:
    """Return whether the text can be written as UTF-8 and holds no NUL."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False
