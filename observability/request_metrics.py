"""How many requests are served, how they end, and how long they take."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponseBase

from observability.metrics import HTTP_SERVER_DURATION
from observability.request_log import PROBES
from observability.trace import METHODS


class RequestMetricsMiddleware:
    """Counts each request by the pattern of its address, but for probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # The library's own look-up takes three times as long.
        self._series: dict[tuple[str | None, str, int], Callable[[float], None]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        response = self.get_response(request)
        if request.path_info not in PROBES:
            match = request.resolver_match
            method = request.method if request.method in METHODS else "_OTHER"
            key = method, match.route if match else "", response.status_code
            observe = self._series.get(key)
            if observe is None:
                labels = HTTP_SERVER_DURATION.labels(*map(str, key))
                observe = self._series[key] = labels.observe
            observe(perf_counter() - started)
        return response
