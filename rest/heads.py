"""HEAD, which is answered wherever GET is (RFC 9110)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase


class HeadMiddleware:
    """Has views respond to HEAD as to GET; the server sends the headers alone.

    Ninja's operations are of the methods that they name, and nothing else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._respond(request)
        allowed = [method.strip() for method in response.headers.get("Allow", "").split(",")]
        if "GET" in allowed and "HEAD" not in allowed:
            response["Allow"] = ", ".join([*allowed, "HEAD"])
        return response

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        try:
            return self.get_response(request)
        finally:
            request.method = "HEAD"
