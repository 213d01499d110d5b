"""Takes the pictures in docs/screenshots: `python -m tests.page.screenshots`."""

from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.page.conftest import chromium
from tests.page.people import Person, logged_in, person
from tests.system.stack import Stack, running

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
DESKTOP: ViewportSize = {"width": 1280, "height": 832}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Each with how many like it, the oldest first.
QUOTES = (
    ("Veni, vidi, vici.", "Julius Caesar", 5),
    ("The map is not the territory.", "Alfred Korzybski", 8),
    (
        "We are like sailors who have to rebuild their ship on the open sea, without ever being "
        "able to dismantle it in dry-dock and reconstruct it from the best components.",
        "Otto Neurath",
        12,
    ),
    ("خير الكلام ما قل ودل", "مثل عربي", 7),
    (
        "I have made this longer than usual because I have not had time to make it shorter.",
        "Blaise Pascal",
        21,
    ),
    ("Festina lente.", "Augustus", 9),
    (
        "The Analytical Engine has no pretensions whatever to originate anything. It can do "
        "whatever we know how to order it to perform.",
        "Ada Lovelace",
        16,
    ),
    ("Simplicity is prerequisite for reliability.", "Edsger W. Dijkstra", 24),
)
LIKED = {0, 2, 4, 7}  # which of them the one who looks likes, too


def write_and_like(stack: Stack) -> Person:
    """Fill the product, and return who is to look at it."""
    reader = person(stack.graphql, "ada")
    writer = person(stack.graphql, "grace")
    others = stack.users(max(count for _, _, count in QUOTES))
    for index, (title, author, count) in enumerate(QUOTES):
        quote_id = (reader if index == 6 else writer).write(title, author)
        likers = [reader, *others] if index in LIKED else others
        for liker in likers[:count]:
            liker.like(quote_id)
    stack.wait_until_agreed()
    return reader


def look(
    browser: Browser,
    home: str,
    name: str,
    reader: Person,
    viewport: ViewportSize,
    dark: bool,
    path: str = "/",
) -> None:
    """Take a picture of the page."""
    page = browser.new_page(
        viewport=viewport,
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if viewport is PHONE else 1,
        storage_state=logged_in(reader, home),
        reduced_motion="reduce",
    )
    page.goto(home + path)
    page.locator('main[data-kind] #quotes[aria-busy="false"] .quote').first.wait_for()
    save(page, name)


def look_at_graphiql(browser: Browser, graphql: str) -> None:
    """Take a picture of GraphiQL with the answer of its first example."""
    page = browser.new_page(viewport=DESKTOP, color_scheme="light")
    page.goto(graphql)
    page.locator(".graphiql-tab").nth(2).wait_for()
    page.click(".graphiql-execute-button")
    page.locator(".result-window", has_text='"createdBy"').wait_for()
    save(page, "graphiql")


def save(page: Page, name: str) -> None:
    """Write the picture when all letters are there."""
    page.evaluate("document.fonts.ready.then(() => null)")
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()


def main() -> None:
    """Take all pictures, of a product that is run for them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running() as stack, chromium() as browser:
        home = stack.product.url("gateway")
        reader = write_and_like(stack)
        look(browser, home, "page-light", reader, DESKTOP, dark=False)
        look(browser, home, "page-dark", reader, DESKTOP, dark=True)
        look(browser, home, "page-phone", reader, PHONE, dark=False)
        look(browser, home, "page-quote", reader, DESKTOP, dark=False, path="/quotes/5")
        look(browser, home, "page-profile", reader, DESKTOP, dark=False, path="/@grace")
        look_at_graphiql(browser, stack.graphql)


if __name__ == "__main__":
    main()
