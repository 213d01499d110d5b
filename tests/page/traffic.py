"""What a page asks of the gateway, and what becomes of it on the way."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, Route

from tools.children import wait_until

PATIENCE = 30.0  # seconds


class Traffic:
    """The GraphQL requests of a page from now on; operations go by their names."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._page = page
        self._rules: dict[str, Callable[[Route], object]] = {}
        page.route(re.compile(r"/graphql(/session)?$"), self._route)

    def count(self, operation: str) -> int:
        """Return how often an operation was asked."""
        return sum(name == operation for name, _ in self.asked)

    def wait_for(self, operation: str, count: int = 1) -> None:
        """Wait until an operation was asked so often."""

        def asked() -> bool:
            self._page.evaluate("1")  # lets what has happened be heard of
            return self.count(operation) >= count

        wait_until(asked, patience=PATIENCE, what=f"{operation} is asked")

    @contextmanager
    def held(
        self, operation: str, then: Callable[[Route], object] = Route.continue_
    ) -> Iterator[None]:
        """Keep an operation from the gateway meanwhile, and let it through afterwards, unless
        there is something else to do with it `then`.
        """
        kept: list[Route] = []
        with self._rule(operation, kept.append):
            yield
        for route in kept:
            then(route)

    @contextmanager
    def cut(self, operation: str) -> Iterator[None]:
        """Have an operation not reach the gateway meanwhile."""
        with self._rule(operation, lambda route: route.abort()):
            yield

    @contextmanager
    def answer_lost(self, operation: str) -> Iterator[None]:
        """Have the gateway carry an operation out, and the page hear nothing of it."""

        def lose(route: Route) -> None:
            route.fetch()
            route.abort()

        with self._rule(operation, lose):
            yield

    @contextmanager
    def answered(self, operation: str, body: dict[str, Any], status: int = 200) -> Iterator[None]:
        """Have an operation answered with that meanwhile."""
        with self._rule(operation, lambda route: route.fulfill(status=status, json=body)):
            yield

    @contextmanager
    def _rule(self, operation: str, rule: Callable[[Route], object]) -> Iterator[None]:
        self._rules[operation] = rule
        yield
        del self._rules[operation]

    def _route(self, route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        found = re.match(r"(?:query|mutation) (\w+)", body["query"])
        operation = found[1] if found else ""
        self.asked.append((operation, body["variables"]))
        self._rules.get(operation, Route.continue_)(route)
