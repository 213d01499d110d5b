"""Chromium, and the product that it looks at."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.npm import installed
from tests.page.people import Person, logged_in
from tests.system.stack import Stack, running

PATIENCE = 30_000  # ms, for what comes within a second on an idle machine
expect.set_options(timeout=PATIENCE)

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running product with the demo data of `make run`."""
    with running() as stack:
        stack.manage("quotes_service", "seed_demo")
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's own Chromium."""
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """Have the system's own Chromium run meanwhile."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    path = next((name for name in found if name), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that judges whether everybody can use a page; see `axe.faults`."""
    return (installed(Path(__file__).parent) / "axe-core" / "axe.min.js").read_text()


class Complaints(list[str]):
    """What a browser finds wrong with a page: errors of scripts, refused and foreign requests."""

    def watch(self, page: Page, *homes: str) -> None:
        """Write down what comes up from now on. `homes` are the only addresses to be asked."""
        page.on("console", lambda line: self.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith(homes) else self.append(request.url),
        )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own: nobody is logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """Open the page in a browser of its own: `visit(person, path, …)`, with the options of a new
    browser context.
    """
    contexts: list[BrowserContext] = []

    def open_page(person: Person | None = None, path: str = "/", **options: Any) -> Page:
        home = stack.product.url("gateway")
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | options,
            storage_state=logged_in(person, home) if person else None,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(home + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def word() -> str:
    """A word that no other test's quotes have, to look for one's own by."""
    return uuid.uuid4().hex[:12]
