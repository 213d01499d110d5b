"""Clients that write a quote or give a like: through the gateway, or by the same calls directly."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

from bench.kit.stack import QUOTES

TITLE = "Nothing is lost, said number {}, and nothing counts twice."
_CREATE = """mutation ($input: CreateQuoteInput!) { createQuote(input: $input) {
    __typename ... on Quote { id title author likes createdAt } } }"""
_LIKE = """mutation ($input: LikeQuoteInput!) { likeQuote(input: $input) {
    __typename ... on Quote { id title author likes createdAt } } }"""


class Refused(Exception):
    """A response is not what it should be."""


@dataclass
class Writer:
    """One client with kept connections, in the name of all the users in turn."""

    ports: Mapping[str, int]
    tokens: Sequence[str]
    _connections: dict[str, HTTPConnection] = field(default_factory=dict)

    def create(self, number: int) -> None:
        """Write a quote through the gateway."""
        key = uuid.uuid4().hex
        given = {"title": TITLE.format(number), "author": "Nobody", "idempotencyKey": key}
        self._mutate(number, _CREATE, given)

    def create_directly(self, number: int) -> None:
        """Write a quote by the call that the gateway makes."""
        body = {"title": TITLE.format(number), "author": "Nobody"}
        self._call("quotes", "POST", "/quotes", number, body, {"Idempotency-Key": uuid.uuid4().hex})

    def like(self, number: int) -> None:
        """Give a like through the gateway."""
        self._mutate(_liker(number), _LIKE, {"quoteId": str(_liked(number))})

    def like_directly(self, number: int) -> None:
        """Give a like, and read the quote with it counted, by the calls that the gateway makes."""
        quote, user = _liked(number), _liker(number)
        given = self._call("likes", "POST", f"/quotes/{quote}/like", user)
        events = ",".join(f"{event['id']}:{event['sequence']}" for event in given["events"])
        self._call("quotes", "GET", f"/quotes/{quote}?after_events={events}", user)

    def _mutate(self, user: int, query: str, given: Mapping[str, str]) -> None:
        body = {"query": query, "variables": {"input": given}}
        result = self._call("gateway", "POST", "/graphql", user, body)
        data = result.get("data") or {}
        if any(each is None or each["__typename"] != "Quote" for each in data.values() or [None]):
            raise Refused(result)

    def _call(
        self,
        service: str,
        method: str,
        path: str,
        user: int,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        if service not in self._connections:
            self._connections[service] = HTTPConnection("127.0.0.1", self.ports[service], 30)
        connection = self._connections[service]
        sent = {
            "Authorization": f"Bearer {self.tokens[user % len(self.tokens)]}",
            **(headers or {}),
        }
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        response = connection.getresponse()
        content = response.read()
        if response.status not in {200, 201}:
            raise Refused(f"{method} {path}: {response.status} {content!r}")
        decoded: dict[str, Any] = json.loads(content)
        return decoded


def _liked(number: int) -> int:
    return 1 + number % QUOTES


def _liker(number: int) -> int:
    return number // QUOTES + number  # another user each time that the quote's turn comes
