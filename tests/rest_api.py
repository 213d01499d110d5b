"""A client of a service's REST API, as a caller has it."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The `code` of a problem, which every error must be."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        return str(self.body["code"])

    @property
    def field_codes(self) -> dict[str, str]:
        """The code of each field's error."""
        return {error["field"]: error["code"] for error in self.body["errors"]}


class Api:
    """Calls the REST API, with a token if one is given."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.token = token

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        response = self.client.generic(
            method, path, data, content_type="application/json", headers=headers
        )
        content = b"".join(response)
        is_json = "json" in response.headers.get("Content-Type", "")
        return Response(
            status=response.status_code,
            body=json.loads(content) if is_json and content else content,
            headers=dict(response.headers.items()),
        )
