"""Chromium, and the product that it looks at."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.system.stack import Stack, running


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The running product with the demo data of `make run`."""
    with running() as stack:
        stack.manage("quotes_service", "seed_demo")
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's own Chromium."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    path = next((name for name in found if name), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Complaints(list[str]):
    """What a browser finds wrong with a page: errors of scripts, refused and foreign requests."""

    def watch(self, page: Page, home: str) -> None:
        """Write down what comes up from now on. `home` is the only address to be asked."""
        page.on("console", lambda line: self.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on(
            "request",
            lambda request: None if request.url.startswith(home) else self.append(request.url),
        )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own: nobody is logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    yield context
    context.close()
