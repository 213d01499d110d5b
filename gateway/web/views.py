"""The address of GraphQL: parse, limit, execute, respond."""

from collections.abc import Sequence
from functools import cache, partial

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from gateway.context import RequestContext, address_key
from gateway.cookies import BrowserCookies
from gateway.error_codes import ErrorCode
from gateway.execution.execute import only_logs_in
from gateway.execution.operation import Operation, Outcome, failure
from gateway.web.graphql_over_http import BadRequest, parse_request, respond, respond_to_batch
from gateway.web.measures import execute_measured
from gateway.web.pages import graphiql
from gateway.writes import HEADER, NoName, Writes
from identity.errors import InvalidToken
from identity.tokens import bearer_token
from observability.request_log import note
from web.addresses import address_of
from web.errors import TooManyRequests
from web.rates import Rate

MAX_NAME = 100  # characters of an operation's name that are logged


def graphql(request: HttpRequest) -> HttpResponse:
    """Return a GraphQL request; a browser that asks for a page gets GraphiQL."""
    return _respond(request, None)


def graphql_session(request: HttpRequest) -> HttpResponse:
    """Return a GraphQL request of a page of this origin, which leaves its refresh token to us."""
    cookies = BrowserCookies(request)
    response = _respond(request, cookies)
    cookies.write(response)
    return response


def _respond(request: HttpRequest, cookies: BrowserCookies | None) -> HttpResponse:
    try:
        check_address(request)
        if cookies is not None:
            _check_sender(request)
        elif _asks_for_page(request):
            return graphiql(request)
        operation = parse_request(request)
        address = address_of(request)
        writes = Writes(request.headers.get(HEADER))
        context = _context(request, operation, address, cookies, writes)
        times = len(operation) if isinstance(operation, list) else 1
        take_of_rate(context.rate_key, times)
    except BadRequest as error:
        return refused(request, error.outcome, error.status)
    except NoName as error:
        return refused(request, failure(str(error), ErrorCode.BAD_REQUEST), 400)
    except InvalidToken as error:
        return refused(request, failure(str(error), ErrorCode.UNAUTHENTICATED), 401)
    except TooManyRequests as error:
        return too_many(request, error)
    may_write = request.method == "POST"
    if isinstance(operation, list):
        # A context each: what one has read may be old for the next. But one patience for all.
        token, patience = context.services.token, context.services.patience
        contexts = [RequestContext(token, address, patience, cookies, writes) for _ in operation]
        outcomes = list(map(partial(execute_measured, may_write=may_write), operation, contexts))
        note_outcomes(request, outcomes, contexts)
        return _with_headers(respond_to_batch(request, outcomes), contexts)
    outcome = execute_measured(operation, context, may_write=may_write)
    note_outcomes(request, [outcome], [context])
    return _with_headers(respond(request, outcome), [context])


def note_outcomes(
    request: HttpRequest, outcomes: Sequence[Outcome], contexts: Sequence[RequestContext]
) -> None:
    """Note for the log which operations were asked for, and the codes of their errors."""
    names = ",".join((context.operation_name or "")[:MAX_NAME] for context in contexts)
    note(request, operation=names or None)
    if any(outcome.errors for outcome in outcomes):
        found = (error["extensions"]["code"] for each in outcomes for error in each.errors)
        note(request, errors=sorted(set(found)))


def _context(
    request: HttpRequest,
    operation: Operation | list[Operation],
    address: str,
    cookies: BrowserCookies | None,
    writes: Writes,
) -> RequestContext:
    """Return who asks. Raise InvalidToken, unless all that is asked for is another token."""
    try:
        token = bearer_token(request.META.get("HTTP_AUTHORIZATION"))
        return RequestContext(token, address, cookies=cookies, writes=writes)
    except InvalidToken:
        if all(map(only_logs_in, operation if isinstance(operation, list) else [operation])):
            return RequestContext(None, address, cookies=cookies, writes=writes)
        raise


def _with_headers(response: HttpResponse, contexts: list[RequestContext]) -> HttpResponse:
    """Add to a response which writes are on their way, and when a service is to be asked again."""
    written = contexts[0].writes.header
    if written is not None:
        response[HEADER] = written
    seconds = max(context.services.retry_after for context in contexts)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def check_address(request: HttpRequest) -> None:
    """Raise BadRequest for another host than ours, or another method than GraphQL has."""
    try:
        request.get_host()
    except DisallowedHost:
        raise BadRequest("This host is not served here.") from None
    if request.method not in {"GET", "POST"}:
        raise BadRequest("Use GET or POST.", 405, ErrorCode.METHOD_NOT_ALLOWED)


def _check_sender(request: HttpRequest) -> None:
    """Raise BadRequest for a page of another origin, if its browser doesn't keep it from asking.

    Browsers say where a request comes from: all of today where there is TLS, or on one machine,
    and else by the origin, in which the scheme is what a proxy in front may have changed.
    """
    if request.method != "POST":
        raise BadRequest("Use POST.", 405, ErrorCode.METHOD_NOT_ALLOWED)
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    origin = request.META.get("HTTP_ORIGIN")
    if site is not None:
        ours = site == "same-origin"
    else:
        ours = origin is None or origin.partition("://")[2] == request.get_host()
    if not ours:
        raise BadRequest("Only pages of this origin may ask here.", 403)


def refused(request: HttpRequest, outcome: Outcome, status: int) -> HttpResponse:
    """Return what can't be executed; it counts, too, for the address that it came from."""
    try:
        take_of_rate(address_key(address_of(request)))
    except TooManyRequests as error:
        return too_many(request, error)
    return respond(request, outcome, status)


def too_many(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    response = respond(request, failure(str(error), ErrorCode.RATE_LIMITED), 429)
    response["Retry-After"] = str(error.retry_after)
    return response


def take_of_rate(key: str, times: int = 1) -> None:
    """Count requests. Raise TooManyRequests if there were too many already."""
    _request_rate(settings.REQUEST_RATE).take(key, times)


@cache
def _request_rate(rate: str) -> Rate:
    return Rate("request", rate)


def _asks_for_page(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and "query" not in request.GET
        and "text/html" in request.META.get("HTTP_ACCEPT", "")
    )
