"""People with accounts, who write over GraphQL and look at the page."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

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
        return str(data["createQuote"]["id"])

    def log_in(self) -> dict[str, Any]:
        """Log in on one more device, and return what it gets."""
        account = {"username": self.username, "password": PASSWORD}
        login: dict[str, Any] = self.ask(_LOG_IN, input=account)["login"]
        return login

    def log_out_elsewhere(self) -> None:
        """Log in and out on another device, after which no token from before holds."""
        device = Person(self.url, token=self.log_in()["token"])
        device.ask("mutation { logout { __typename } }")


def person(graphql: str, username: str | None = None) -> Person:
    """Register somebody, by a name of their own unless one is given."""
    someone = Person(graphql, username=username or f"p-{uuid.uuid4().hex[:10]}")
    account = {"username": someone.username, "password": PASSWORD}
    payload = someone.ask(REGISTER, input=account)["register"]
    someone.token, someone.id = payload["token"], payload["user"]["id"]
    return someone


def logged_in(someone: Person, home: str) -> StorageState:
    """Return what a browser holds in which somebody has just logged in."""
    session: Any = {
        "name": "refresh_token",
        "value": someone.log_in()["refreshToken"],
        "domain": urlsplit(home).hostname,
        "path": "/graphql/session",
        "expires": time.time() + 3600,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Strict",
    }
    user = {"id": someone.id, "username": someone.username}
    kept: Any = {"name": "quotes-in-step.user", "value": json.dumps(user)}
    return {"cookies": [session], "origins": [{"origin": home, "localStorage": [kept]}]}


_LOG_IN = """mutation ($input: LoginInput!) {
    login(input: $input) { ... on LoginPayload { token refreshToken } } }"""
_CREATE = """mutation ($input: CreateQuoteInput!) {
    createQuote(input: $input) { ... on Quote { id } } }"""
