"""A check of schemathesis, which loads it in an environment of its own.

Its own checks take an error code that they don't know for a fault of the server.
"""

import schemathesis

FAULTS = {"INTERNAL", "UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", None}


@schemathesis.check
def every_error_is_the_callers(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """Refuse a response with a fault of the gateway, or with an error that has no code."""
    assert response.status_code in {200, 400, 401}
    errors = response.json().get("errors", [])
    codes = {error.get("extensions", {}).get("code") for error in errors}
    assert not codes & FAULTS, f"the gateway answers {errors}"
