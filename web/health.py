"""`/healthz` (the process is alive) and `/readyz` (what it needs answers) of a web process."""

from collections.abc import Callable, Mapping

import orjson
from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Respond that the process is alive, asking nobody."""
    return _respond(200, {"status": "ok"})


def readyz(checks: Mapping[str, Callable[[], bool]]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the view that runs each check and responds with 200 if all hold, else 503."""

    def view(request: HttpRequest) -> HttpResponse:
        results = {name: check() for name, check in checks.items()}
        ready = all(results.values())
        words = {name: "ok" if good else "unavailable" for name, good in results.items()}
        return _respond(
            200 if ready else 503, {"status": "ok" if ready else "unavailable", "checks": words}
        )

    return view


def _respond(status: int, document: Mapping[str, object]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(document), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
