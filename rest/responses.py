"""Responses as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja.renderers import BaseRenderer
from pydantic import PlainSerializer

from rest.timestamps import timestamp

# A time in a schema of a response.
Timestamp = Annotated[datetime, PlainSerializer(timestamp, return_type=str)]


class JSONRenderer(BaseRenderer):
    """Ninja's renderer by orjson: `NinjaAPI(renderer=JSONRenderer())`."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        """Write the data, which a schema has made of plain JSON values."""
        return orjson.dumps(data)


def json_response(
    data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Respond with plain JSON values, without the round through a schema: for the hot reads."""
    return HttpResponse(
        orjson.dumps(data), status=status, content_type="application/json", headers=headers
    )
