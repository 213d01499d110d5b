"""What is decided of a request before it becomes a stream: who may subscribe, and to what."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from gateway.context import RequestContext
from gateway.error_codes import ErrorCode
from gateway.execution.operation import Outcome, failure
from gateway.live.formats import Format, format_for
from gateway.live.opening import Opening, opening
from gateway.web.graphql_over_http import BadRequest, parse_request, respond
from gateway.web.views import check_address, note_outcomes, refused, take_of_rate, too_many
from identity.errors import InvalidToken
from identity.tokens import bearer_token
from observability.request_log import note
from web.addresses import address_of
from web.errors import TooManyRequests


@dataclass(frozen=True)
class Beginning:
    """What a stream needs of its response, which itself would hold the request for hours."""

    opening: Opening
    format: Format
    headers: dict[str, str]


class StreamResponse(HttpResponse):
    """The head of a response that the event loop goes on to write."""

    def __init__(self, opening: Opening, format: Format) -> None:
        super().__init__(content_type=format.content_type)
        self._opening = opening
        self._format = format
        self["Cache-Control"] = "no-store"
        self["Vary"] = "Accept, Authorization"
        self["X-Accel-Buffering"] = "no"  # a proxy must pass each message on at once

    def beginning(self) -> Beginning:
        """Return how the stream begins, with the headers that are set by now."""
        return Beginning(self._opening, self._format, dict(self.items()))


def graphql(request: HttpRequest) -> HttpResponse:
    """Return the head of a stream, or why there is none."""
    try:
        check_address(request)
        operation = parse_request(request)
        if isinstance(operation, list):
            raise BadRequest("Send one subscription at a time.")
        token = bearer_token(request.META.get("HTTP_AUTHORIZATION"))
        context = RequestContext(token, address_of(request))
        take_of_rate(context.rate_key)
    except BadRequest as error:
        return refused(request, error.outcome, error.status)
    except InvalidToken as error:
        return refused(request, failure(str(error), ErrorCode.UNAUTHENTICATED), 401)
    except TooManyRequests as error:
        return too_many(request, error)
    found = opening(operation, context)
    if isinstance(found, Outcome):
        note_outcomes(request, [found], [context])
        return respond(request, found)
    format = format_for(request.META.get("HTTP_ACCEPT", ""))
    if format is None:
        message = "Accept text/event-stream or multipart/mixed, or subscribe by WebSocket."
        return refused(request, failure(message, ErrorCode.BAD_REQUEST), 406)
    note(request, operation=context.operation_name)
    return StreamResponse(found, format)
