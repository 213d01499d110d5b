"""Sending GraphQL through Django's test client."""

from base64 import b64encode
from typing import Any

from django.test import Client


class GraphQL:
    """Sends requests to the gateway as one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Answer the body of the response, which must be one that was executed or refused."""
        response = self.response(query, variables, token=token, headers=headers)
        body: dict[str, Any] = response.json()
        return body

    def response(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Answer the HTTP response."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        payload = {"query": query, "variables": variables}
        return self._client.post("/graphql", payload, "application/json", headers=sent)


def quote_id(number: int) -> str:
    """Answer the `ID` of a quote."""
    return b64encode(b"Quote:%d" % number).decode()


def user_id(number: int) -> str:
    """Answer the `ID` of a user."""
    return b64encode(b"User:%d" % number).decode()


def codes(body: dict[str, Any]) -> list[str]:
    """Answer the codes of a body's errors."""
    return [error["extensions"]["code"] for error in body.get("errors", [])]


def messages(result: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Answer field and code of each message of an OperationInfo."""
    return [(message["field"], message["code"]) for message in result["messages"]]
