"""The gateway's addresses: GraphQL and GraphiQL, the page, and its health."""

from collections.abc import Mapping
from functools import cache, partial

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gateway.clients import LIKES, QUOTES, is_alive
from gateway.context import RequestContext, address_key
from gateway.errors import RateLimited
from gateway.execution import METHOD_NOT_ALLOWED, Outcome, execute, failure
from gateway.protocol import BadRequest, parse_request, respond, respond_to_batch
from identity.errors import InvalidToken
from identity.tokens import bearer_token
from rest.addresses import address_of
from rest.errors import TooManyRequests
from rest.rates import Rate

_FROM_HERE_ALONE = (
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
# No text can become markup: browsers that know trusted types refuse what would parse it.
PAGE_POLICY = "; ".join(
    (
        *_FROM_HERE_ALONE,
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
# The editor of GraphiQL writes styles of its own into the page.
GRAPHIQL_POLICY = "; ".join(
    (
        *_FROM_HERE_ALONE,
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "form-action 'self'",
    )
)


def graphql(request: HttpRequest) -> HttpResponse:
    """Answer a GraphQL request; a browser that asks for a page gets GraphiQL."""
    try:
        _check_address(request)
        if _asks_for_page(request):
            return _graphiql(request)
        operation = parse_request(request)
        token = bearer_token(request.META.get("HTTP_AUTHORIZATION"))
        address = address_of(request)
        context = RequestContext(token, address)
        times = len(operation) if isinstance(operation, list) else 1
        _request_rate(settings.REQUEST_RATE).take(context.rate_key, times)
    except BadRequest as error:
        return _refused(request, error.outcome, error.status)
    except InvalidToken as error:
        return _refused(request, failure(str(error), "UNAUTHENTICATED"), 401)
    except TooManyRequests as error:
        return _too_many(request, error)
    may_write = request.method == "POST"
    if isinstance(operation, list):
        # A context each: what one has read may be old for the next.
        contexts = [RequestContext(token, address) for _ in operation]
        outcomes = map(partial(execute, may_write=may_write), operation, contexts)
        return _to_retry(respond_to_batch(request, list(outcomes)), contexts)
    response = respond(request, execute(operation, context, may_write=may_write))
    return _to_retry(response, [context])


def _to_retry(response: HttpResponse, contexts: list[RequestContext]) -> HttpResponse:
    """Tell with an answer when a service is to be asked again, if it has said so."""
    seconds = max(context.services.retry_after for context in contexts)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def _check_address(request: HttpRequest) -> None:
    """Raise BadRequest for another host than ours, or another method than GraphQL has."""
    try:
        request.get_host()
    except DisallowedHost:
        raise BadRequest("This host is not served here.") from None
    if request.method not in {"GET", "POST"}:
        raise BadRequest("Use GET or POST.", 405, METHOD_NOT_ALLOWED)


def _refused(request: HttpRequest, outcome: Outcome, status: int) -> HttpResponse:
    """Answer what can't be executed; it counts, too, for the address that it came from."""
    try:
        _request_rate(settings.REQUEST_RATE).take(address_key(address_of(request)))
    except TooManyRequests as error:
        return _too_many(request, error)
    return respond(request, outcome, status)


def _too_many(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    response = respond(request, failure(str(error), RateLimited.code), 429)
    response["Retry-After"] = error.headers["Retry-After"]
    return response


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Answer the page at the root."""
    request.get_host()  # raises for a host that is not ours, which Django answers with 400
    links = {
        "for_developers": settings.GRAPHIQL,  # elsewhere the services' addresses are nobody's
        "quotes_url": settings.QUOTES_URL,
        "likes_url": settings.LIKES_URL,
    }
    return _page(request, "index.html", links, PAGE_POLICY)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell that this process is alive."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the services behind answer."""
    checks = {service: is_alive(service) for service in (QUOTES, LIKES)}
    ready = all(checks.values())
    return JsonResponse(
        {
            "status": "ok" if ready else "unavailable",
            "checks": {name: "ok" if alive else "unavailable" for name, alive in checks.items()},
        },
        status=200 if ready else 503,
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that Django refuses, such as one for a host that is not ours."""
    return HttpResponse("This request is not served here.\n", status=400, content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for an address that the gateway doesn't have."""
    return HttpResponse("There is nothing here.\n", status=404, content_type="text/plain")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a fault outside of GraphQL; Django has logged it."""
    return HttpResponse("Something went wrong here.\n", status=500, content_type="text/plain")


@cache
def _request_rate(rate: str) -> Rate:
    return Rate("request", rate)


def _asks_for_page(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and "query" not in request.GET
        and "text/html" in request.META.get("HTTP_ACCEPT", "")
    )


def _graphiql(request: HttpRequest) -> HttpResponse:
    if not settings.GRAPHIQL:
        return not_found(request)
    return _page(request, "graphql/graphiql.html", {}, GRAPHIQL_POLICY)


def _page(
    request: HttpRequest, template: str, values: Mapping[str, object], policy: str
) -> HttpResponse:
    response = render(request, template, dict(values))
    response["Content-Security-Policy"] = policy
    return response
