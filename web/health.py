"""`/healthz` (it is alive), `/readyz` (what it needs answers) and `/metrics` of a web process."""

from collections.abc import Callable, Mapping

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

from observability.exposition import CONTENT_TYPE, exposition
from observability.request_log import PROBES


class ProbesByAnyName(CommonMiddleware):
    """Django's, but that a probe is answered whatever its `Host` says.

    An orchestrator asks by the address that the process has at the moment, which nobody can list
    in ALLOWED_HOSTS; and what it is told is the same for everybody.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Refuse a host that isn't ours, except of a probe."""
        return None if request.path in PROBES else super().process_request(request)


def healthz(request: HttpRequest) -> HttpResponse:
    """Respond that the process is alive, asking nobody."""
    return _respond(200, {"status": "ok"})


def readyz(checks: Mapping[str, Callable[[], bool | str]]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the view that runs each check and responds with 200 if all hold, else 503.

    A check that doesn't hold may return the word that says why.
    """

    def view(request: HttpRequest) -> HttpResponse:
        results = {name: check() for name, check in checks.items()}
        words = {
            name: result if isinstance(result, str) else "ok" if result else "unavailable"
            for name, result in results.items()
        }
        ready = all(word == "ok" for word in words.values())
        return _respond(
            200 if ready else 503, {"status": "ok" if ready else "unavailable", "checks": words}
        )

    return view


def metrics(request: HttpRequest) -> HttpResponse:
    """Respond with what all workers of this server have counted, as Prometheus reads it."""
    response = HttpResponse(exposition(), content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def _respond(status: int, document: Mapping[str, object]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(document), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
