"""Users of the running product, over GraphQL as a frontend is, and what they look at."""

import itertools
import re
import uuid
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

import requests

PASSWORD = "a long password 7"  # of those who register
_names = itertools.count(1)


class Refused(Exception):
    """The gateway responded with errors."""


@dataclass
class OwnWrites:
    """What a client hands back to read its own likes; see docs/frontends.md."""

    names: list[str] = field(default_factory=list)
    named: bool = False  # whether the last response said anything of them
    counted: bool = False  # whether its counts have them

    def take(self, sent: list[str], told: str | None) -> None:
        """Take what a response says, to a request that has sent these names."""
        self.named = told is not None
        self.counted = self.named or not sent
        if told is not None:
            named = [name for name in re.split(r", *", told) if name]
            left = [name for name in self.names if name not in sent]
            self.names = list(dict.fromkeys([*left, *named]))


@dataclass
class User:
    """One user with a kept-alive connection. Made by `register`."""

    url: str
    token: str = ""
    id: str = ""
    session: requests.Session = field(default_factory=requests.Session)
    writes: OwnWrites | None = None  # where it reads its own

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Run an operation and return its data. Raises Refused if there are errors."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent = self.writes.names if self.writes else []
        if sent:
            headers["After-Writes"] = ",".join(sent)
        response = self.session.post(
            self.url, json={"query": query, "variables": variables}, headers=headers, timeout=30
        )
        if self.writes:
            self.writes.take(sent, response.headers.get("After-Writes"))
        body: dict[str, Any] = response.json()
        if body.get("errors"):
            raise Refused(body["errors"])
        data: dict[str, Any] = body["data"]
        return data

    def another_client(self) -> "User":
        """Return the same user with a connection of their own, who reads their own writes there."""
        return User(self.url, self.token, self.id, writes=OwnWrites())

    def rest(self, method: str, url: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask a service itself, and return what it shows. Raise Refused for a problem of ours."""
        headers = {"Authorization": f"Bearer {self.token}"}
        response = self.session.request(method, url, json=payload, headers=headers, timeout=30)
        body: dict[str, Any] = response.json()
        if response.status_code >= 500:
            raise requests.HTTPError(response.text, response=response)
        if not response.ok:
            raise Refused(body)
        return body

    def create(self, title: str, key: str | None = None) -> str:
        """Create a quote and return its id."""
        key = key or uuid.uuid4().hex
        data = self.ask(CREATE, input={"title": title, "idempotencyKey": key})["createQuote"]
        return str(_object(data)["id"])

    def update(self, quote_id: str, title: str) -> None:
        """Change the text of a quote."""
        _object(self.ask(UPDATE, input={"id": quote_id, "title": title})["updateQuote"])

    def delete(self, quote_id: str) -> None:
        """Delete a quote."""
        _object(self.ask(DELETE, input={"id": quote_id})["deleteQuote"])

    def like(self, quote_id: str) -> int:
        """Like a quote and return its likes."""
        return int(_object(self.ask(LIKE, input={"quoteId": quote_id})["likeQuote"])["likes"])

    def unlike(self, quote_id: str) -> int:
        """Unlike a quote and return its likes."""
        return int(_object(self.ask(UNLIKE, input={"quoteId": quote_id})["unlikeQuote"])["likes"])

    def quote(self, quote_id: str) -> dict[str, Any]:
        """Return what a quote shows. Raise Refused if there is none."""
        quote: dict[str, Any] | None = self.ask(READ, id=quote_id)["quote"]
        if quote is None:
            raise Refused("not_found")
        return quote

    def likes(self, quote_id: str) -> int | None:
        """Return how many likes a quote shows, or None if there is none."""
        quote = self.ask(READ, id=quote_id)["quote"]
        return None if quote is None else int(quote["likes"])


def register(url: str) -> User:
    """Make a user with a name of their own."""
    name = f"user{next(_names)}-{uuid.uuid4().hex[:8]}"
    user = User(url)
    data = user.ask(REGISTER, input={"username": name, "password": PASSWORD})
    payload = _object(data["register"])
    user.token, user.id = payload["token"], payload["user"]["id"]
    return user


def number_of(id: str) -> int:
    """Return the number in an id, under which the services keep the thing."""
    return int(b64decode(id).decode().partition(":")[2])


def _object(data: dict[str, Any]) -> dict[str, Any]:
    if data["__typename"] == "OperationInfo":
        raise Refused(data["messages"])
    return data


_INFO = "... on OperationInfo { messages { code field message } }"
_ANSWER = f"... on Quote {{ id title likes likedByMe }} {_INFO}"
READ = "query ($id: ID!) { quote(id: $id) { title likes likedByMe } }"
CREATE = f"""mutation ($input: CreateQuoteInput!) {{
    createQuote(input: $input) {{ __typename {_ANSWER} }} }}"""
UPDATE = f"""mutation ($input: UpdateQuoteInput!) {{
    updateQuote(input: $input) {{ __typename {_ANSWER} }} }}"""
DELETE = f"""mutation ($input: DeleteQuoteInput!) {{
    deleteQuote(input: $input) {{ __typename {_ANSWER} }} }}"""
LIKE = f"""mutation ($input: LikeQuoteInput!) {{
    likeQuote(input: $input) {{ __typename {_ANSWER} }} }}"""
UNLIKE = f"""mutation ($input: LikeQuoteInput!) {{
    unlikeQuote(input: $input) {{ __typename {_ANSWER} }} }}"""
REGISTER = f"""mutation ($input: RegisterInput!) {{
    register(input: $input) {{
        __typename ... on LoginPayload {{ token user {{ id username }} }} {_INFO} }} }}"""
