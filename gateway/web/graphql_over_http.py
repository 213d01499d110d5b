"""GraphQL over HTTP: what a request must look like, and which status its response has.

The rules are those of https://graphql.github.io/graphql-over-http/draft/. Bodies must be declared
as JSON, which a page of another site can't send without asking first (CORS): that is what keeps
such pages from writing in somebody's name.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError

from gateway.error_codes import ErrorCode
from gateway.errors import BadUserInput
from gateway.execution.operation import Operation, Outcome, failure
from gateway.schema.scalars import moment
from gateway.web import persisted_operations
from web.bodies import JSON, BodyRefused, check_declaration, check_length, check_text
from web.queries import is_utf8

GRAPHQL_JSON = "application/graphql-response+json"
_MOST_SKIPPED = 2_097_152  # bytes of a body; docker/nginx.conf lets no more through
_MAX_KEPT_ACCEPT = 500  # characters; browsers send some 100


class BadRequest(Exception):
    """The HTTP request carries no GraphQL request."""

    def __init__(
        self, message: str, status: int = 400, code: ErrorCode = ErrorCode.BAD_REQUEST
    ) -> None:
        super().__init__(message)
        self.status = status
        self.outcome = failure(message, code)


def parse_request(request: HttpRequest) -> Operation | list[Operation]:
    """Return the GraphQL request in an HTTP request, or the several of a batch where batches are
    accepted. Raise `BadRequest` if there is none.
    """
    if request.method == "GET":
        if not is_utf8(request):
            raise BadRequest("The query string is not valid UTF-8.")
        return operation_of(_from_query_string(request.GET))
    try:
        check_declaration(request)
        document = _document(_body(request))
    except BodyRefused as refused:
        raise BadRequest(str(refused), refused.status) from None
    if isinstance(document, list):
        return [_member(each) for each in _batch(document)]
    return _member(document)


def _batch(document: list[object]) -> list[object]:
    limit = settings.GRAPHQL_MAX_BATCH
    if limit == 1:
        raise BadRequest("Send one request at a time: batches are not accepted.")
    if not document:
        raise BadRequest("The batch is empty.")
    if len(document) > limit:
        raise BadRequest(
            f"A batch may have at most {limit} requests.", code=ErrorCode.LIMIT_EXCEEDED
        )
    return document


def _member(document: object) -> Operation:
    if not isinstance(document, dict):
        raise BadRequest("The body must be a JSON object.")
    return operation_of(document)


def respond_to_batch(request: HttpRequest, outcomes: list[Outcome]) -> HttpResponse:
    """Return a batch: a list of results, in the order of the requests."""
    media_type = _preferred(request.META.get("HTTP_ACCEPT", ""))
    return _response(request, [outcome.as_body() for outcome in outcomes], media_type, 200)


def respond(request: HttpRequest, outcome: Outcome, status: int | None = None) -> HttpResponse:
    """Return in the media type that the client prefers, with the status that goes with it."""
    media_type = _preferred(request.META.get("HTTP_ACCEPT", ""))
    if status is None:
        status = _status(outcome, media_type)
    return _response(request, outcome.as_body(), media_type, status)


def _response(
    request: HttpRequest,
    body: dict[str, Any] | list[dict[str, Any]],
    media_type: str,
    status: int,
) -> HttpResponse:
    content = encode(body)
    response = HttpResponse(content, status=status, content_type=f"{media_type}; charset=utf-8")
    response["Content-Length"] = str(len(content))
    # Responses depend on who asks, and are not to be kept by anything in between.
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept, Authorization"
    if status == 405:
        response["Allow"] = "POST" if request.method == "GET" else "GET, POST"
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def encode(body: dict[str, Any] | list[dict[str, Any]]) -> bytes:
    """Return JSON; a message may quote text that is no valid Unicode, which is escaped then."""
    try:
        return orjson.dumps(body, option=orjson.OPT_UTC_Z)
    except TypeError:
        return json.dumps(body, default=moment).encode("ascii")


def _body(request: HttpRequest) -> bytes:
    limit = settings.GRAPHQL_MAX_BYTES
    check_length(request)
    length = int(request.META["CONTENT_LENGTH"])
    if length > limit:
        if length <= _MOST_SKIPPED:
            # A proxy that is still sending it would take the refusal for a broken connection.
            while request.read(65_536):
                pass
        raise BadRequest(f"The body may have at most {limit} bytes.", 413, ErrorCode.LIMIT_EXCEEDED)
    try:
        return request.body
    except UnreadablePostError:
        raise BadRequest("The body could not be read.") from None


def _document(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        check_text(body)
    return _json(body)


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON in UTF-8.") from None
    # What Python's looser reader takes: half of a surrogate pair, NaN, or numbers without bound.
    raise BadRequest("The body holds invalid Unicode or numbers.", code=BadUserInput.code)


def _from_query_string(query: QueryDict) -> dict[str, object]:
    document: dict[str, object] = {name: query[name] for name in query}
    for name in ("variables", "extensions"):
        text = query.get(name)
        if text is not None:
            document[name] = _json(text.encode("utf-8", "surrogatepass")) if text else None
    return document


def operation_of(document: Mapping[str, object]) -> Operation:
    """Return the GraphQL request in its parameters. Raise `BadRequest` if there is none."""
    extensions = document.get("extensions")
    if not isinstance(extensions, dict | None):
        raise BadRequest("'extensions' must be an object.")
    query = _query(document.get("query"), extensions)
    if len(query) > settings.GRAPHQL_MAX_BYTES:
        raise BadRequest(
            f"The query may have at most {settings.GRAPHQL_MAX_BYTES} characters.",
            413,
            ErrorCode.LIMIT_EXCEEDED,
        )
    if "\0" in query:  # no GraphQL may have one, and older clients would get a 200
        raise BadRequest("The query holds a NUL character.")
    variables = document.get("variables")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("'variables' must be an object.")
    name = document.get("operationName")
    if not isinstance(name, str | None):
        raise BadRequest("'operationName' must be a text.")
    return Operation(query, variables, name or None, extensions)


def _query(query: object, extensions: Mapping[str, Any] | None) -> str:
    if not isinstance(query, str | None):
        raise BadRequest("'query' must be a text.")
    try:
        found = persisted_operations.document(query, extensions)
    except persisted_operations.BadPersistedQuery as error:
        raise BadRequest(str(error)) from None
    except persisted_operations.NotPersisted as error:
        # Clients of automatic persisted queries read this from a response of status 200.
        status = 200 if error.code == ErrorCode.PERSISTED_QUERY_NOT_FOUND else 400
        raise BadRequest(str(error), status, error.code) from None
    if not found:
        raise BadRequest("The request has no query, or one that is no text.")
    return found


def _status(outcome: Outcome, media_type: str) -> int:
    if outcome.executed:
        return 200
    if outcome.has_code(ErrorCode.METHOD_NOT_ALLOWED):
        return 405
    if outcome.has_code(ErrorCode.LIMIT_EXCEEDED) or outcome.has_code(ErrorCode.BAD_REQUEST):
        return 400
    # Older clients read only responses of status 200 as GraphQL, so JSON of old keeps it.
    return 400 if media_type == GRAPHQL_JSON else 200


def _preferred(accept: str) -> str:
    """Return which of our two media types an `Accept` header prefers; the older one by default."""
    # A client may send 400 kB of it; what is as long as that isn't kept.
    return _kept_preference(accept) if len(accept) <= _MAX_KEPT_ACCEPT else _preference(accept)


@lru_cache(maxsize=100)
def _kept_preference(accept: str) -> str:
    return _preference(accept)


def _preference(accept: str) -> str:
    best, best_quality = JSON, 0.0
    for entry in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in entry.split(";"))
        quality = _quality(parameters)
        if media_type in {JSON, GRAPHQL_JSON} and quality > best_quality:
            best, best_quality = media_type, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
