"""People with accounts, who write over GraphQL and look at the page."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import StorageState

from tests.system.clients import REGISTER, User

PASSWORD = "a long password 7"


@dataclass
class Person(User):
    """A user whose name is known. Made by `person`."""

    username: str = ""

    def write(self, title: str, author: str | None = None) -> str:
        """Write a quote, and return its id."""
        data = self.ask(_CREATE, input={"title": title, "author": author})
        return str(data["createQuote"]["quote"]["id"])


def person(graphql: str, username: str | None = None) -> Person:
    """Register somebody, by a name of their own unless one is given."""
    someone = Person(graphql, username=username or f"p-{uuid.uuid4().hex[:10]}")
    account = {"username": someone.username, "password": PASSWORD}
    payload = someone.ask(REGISTER, input=account)["register"]
    someone.token, someone.id = payload["token"], payload["user"]["id"]
    return someone


def logged_in(someone: Person, home: str) -> StorageState:
    """Return what a browser holds in which somebody has logged in before."""
    login: dict[str, Any] = {
        "token": someone.token,
        "user": {"id": someone.id, "username": someone.username},
    }
    kept: Any = {"name": "quotes-in-step.session", "value": json.dumps(login)}
    return {"cookies": [], "origins": [{"origin": home, "localStorage": [kept]}]}


_CREATE = """mutation ($input: CreateQuoteInput!) {
    createQuote(input: $input) { ... on QuotePayload { quote { id } } } }"""
