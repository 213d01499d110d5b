"""The page's addresses, as those read them who run no scripts."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from hypothesis import given
from pytest_django import Settings

from tests.any_text import TEXTS, any_input
from tests.gateway.fakes import FakeWorld, problem
from web import rates

MARKUP = """"><script>alert('1')</script>&amp;"""


@pytest.fixture(autouse=True)
def forget() -> None:
    rates.forget()


def tags(page: str) -> dict[str, str]:
    """Return what the head of a page says of it, as previews of a link read it."""
    found = re.findall(r'<meta (?:name|property)="(.+?)" content="(.*?)">', page, re.DOTALL)
    [title] = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    [canonical] = re.findall(r'<link rel="canonical" href="(.*?)">', page)
    named = [*found, ("title", title), ("canonical", canonical)]
    return {name: unescape(value) for name, value in named}


def one_quote(world: FakeWorld, **values: Any) -> None:
    """Have one quote, of user 1."""
    world.add_quotes(1, created_by=1)
    world.add_user(1)
    world.rows[1] |= values


def test_a_quotes_page_has_the_quote_without_any_script(world: FakeWorld, client: Client) -> None:
    one_quote(world, title="Veni, vidi, vici.", author="Julius Caesar", likes=5)
    response = client.get("/quotes/1")
    page = response.content.decode()
    assert response.status_code == 200
    assert '<blockquote data-part="title">Veni, vidi, vici.</blockquote>' in page
    assert '<a href="/?author=Julius%20Caesar">Julius Caesar</a>' in page
    name = world.users[1]["username"]
    assert f'<a href="/@{name}">{name}</a>' in page
    assert ">25 November 2026</time>" in page
    assert '<span data-part="likes">5</span>' in page
    assert world.calls() == ["GET /quotes/1", "GET /users"]


def test_a_quotes_page_says_to_previews_what_it_is(world: FakeWorld, client: Client) -> None:
    text = "Simplicity is prerequisite for reliability, and for all else that one may want."
    one_quote(world, title=text, author="Edsger W. Dijkstra")
    said = tags(client.get("/quotes/1").content.decode())
    title = "“Simplicity is prerequisite for reliability, and for all els…” Edsger W. Dijkstra"
    assert said["title"] == f"{title} · Quotes in step"
    assert said["og:title"] == title
    assert said["og:description"] == said["description"] == f"“{text}” Edsger W. Dijkstra"
    assert said["og:url"] == said["canonical"] == "http://testserver/quotes/1"
    assert said["og:type"] == "article"


def test_what_people_write_is_text_wherever_it_stands(world: FakeWorld, client: Client) -> None:
    one_quote(world, title=MARKUP, author=MARKUP)
    world.users[1]["username"] = MARKUP
    addresses = ["/quotes/1", f"/?{urlencode({'author': MARKUP})}", f"/?search={MARKUP}"]
    for address in addresses:
        page = client.get(address).content.decode()
        assert "alert(" in page
        assert "<script>" not in page
        assert 'content=""' not in page


def test_a_quote_that_is_not_there_is_a_404_from_which_people_get_on(
    world: FakeWorld, client: Client
) -> None:
    for number in (7, 10**30):
        response = client.get(f"/quotes/{number}")
        page = response.content.decode()
        assert response.status_code == 404
        assert "<h3>No such quote.</h3>" in page
        assert "gateway/page/main.js" in page


def test_with_quotes_away_its_page_says_so_and_the_script_goes_on(
    world: FakeWorld, client: Client
) -> None:
    world.quotes.stop()
    for address in ("/quotes/1", "/@ada", "/@ada/likes"):
        response = client.get(address)
        page = response.content.decode()
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert "A service that is needed for this is down." in page
        assert "gateway/page/main.js" in page


def test_a_quote_is_shown_though_nobody_can_tell_who_wrote_it(
    world: FakeWorld, client: Client
) -> None:
    one_quote(world)
    usual = world.quotes.answer
    world.quotes.answer = lambda call: (
        problem(503, "unavailable") if call.path == "/users" else usual(call)
    )
    response = client.get("/quotes/1")
    assert response.status_code == 200
    assert 'shared by <bdi data-part="writer">someone</bdi>' in response.content.decode()


def test_the_lists_of_a_person_are_called_by_their_name(world: FakeWorld, client: Client) -> None:
    world.add_user(1)
    world.users[1]["username"] = "ada+1@x"
    for address, title in (
        ("/@ada+1@x", "Shared by ada+1@x"),
        ("/@ada%2B1%40x/likes", "Liked by ada+1@x"),
    ):
        response = client.get(address)
        said = tags(response.content.decode())
        assert response.status_code == 200
        assert said["og:title"] == title
        assert said["canonical"] == f"http://testserver{address.replace('%2B1%40', '+1@')}"
    assert "Here since 25 November 2026" in response.content.decode()


@pytest.mark.parametrize("name", ["nobody", "..", "%00", "%ff", "a" * 200, "%F0%9F%98%80"])
def test_a_person_who_is_not_there_is_a_404(world: FakeWorld, client: Client, name: str) -> None:
    response = client.get(f"/@{name}")
    assert response.status_code == 404
    assert "<h3>Nobody of that name.</h3>" in response.content.decode()


@any_input
@given(text=TEXTS)
def test_any_text_is_an_author_or_a_search(client: Client, text: str) -> None:
    for name in ("author", "search"):
        text = text.encode("utf-8", "replace").decode()
        response = client.get("/", {name: text})
        assert response.status_code == 200
        address = tags(response.content.decode())["canonical"]
        expected = text[: {"author": 100, "search": 200}[name]].strip()
        found = parse_qs(urlsplit(address).query).get(name, [""])[0]
        assert found == expected


def test_each_address_is_bound_to_what_the_page_may_do(world: FakeWorld, client: Client) -> None:
    one_quote(world)
    policy = client.get("/")["Content-Security-Policy"]
    for address in ("/quotes/1", "/quotes/2", "/@nobody", "/@nobody/likes", "/?author=x"):
        response = client.get(address)
        assert response["Content-Security-Policy"] == policy
        page = response.content.decode()
        assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) == []
        assert client.head(address).status_code == response.status_code
        assert client.post(address).status_code == 405
        assert client.get(address, headers={"Host": "elsewhere.example"}).status_code == 400


def test_pages_count_as_requests_of_whoever_asks(
    world: FakeWorld, client: Client, settings: Settings
) -> None:
    one_quote(world)
    settings.REQUEST_RATE = "2/minute"
    assert [client.get("/quotes/1").status_code for _ in range(3)] == [200, 200, 429]
    response = client.get("/@ada")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
