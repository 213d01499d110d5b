"""What pages load: under names that change with it, kept by browsers for good, compressed."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.core.management import call_command
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from gateway.web.static_files import page_modules
from tools.environment import ROOT

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "gzip, br"}


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> None:
    """The gateway as it starts from a folder that `collectstatic` has filled."""
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {"staticfiles": {"BACKEND": "gateway.web.static_files.HashedStaticFiles"}}
    settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)


def loaded(client: Client, path: str) -> list[str]:
    """Return the addresses that a page names."""
    page = client.get(path, headers=BROWSER)
    assert page["Cache-Control"] == "no-cache"
    return re.findall(r'(?:src|href)="(/static/.+?)"', page.content.decode())


def text(response: HttpResponseBase) -> str:
    """Return a file as it was before it was compressed."""
    return b"".join(response).decode()


@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("path", ["/", "/graphql"])
def test_what_a_page_loads_is_kept_for_good_and_comes_compressed(client: Client, path: str) -> None:
    addresses = loaded(client, path)
    assert len(addresses) > 5
    for address in addresses:
        response = client.get(address, headers=BROWSER)
        assert response.status_code == 200
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", address), "it has another name once it changes"
        assert "immutable" in response["Cache-Control"]
        if not address.endswith("woff2") and len(text(client.get(address))) > 500:
            assert response.get("Content-Encoding") == "gzip", address


@pytest.mark.usefixtures("collected")
def test_modules_and_styles_load_each_other_by_the_same_names_as_the_page(client: Client) -> None:
    addresses = loaded(client, "/")
    named, fonts = set(), set()
    for address in addresses:
        if address.endswith(".js"):
            module = text(client.get(address))
            named |= {urljoin(address, name) for name in re.findall(r'from "(.+?)"', module)}
        if address.endswith(".css"):
            style = text(client.get(address))
            fonts |= {urljoin(address, name) for name in re.findall(r'url\("?(.+?)"?\)', style)}
    assert named, "modules import modules"
    assert named <= set(addresses)
    assert fonts & set(addresses), "the preloaded font is the one that is used"
    assert all(client.get(font).status_code == 200 for font in fonts)


def test_every_module_of_the_page_is_needed_by_it(client: Client) -> None:
    reached, ahead = set(), {"gateway/page/main.js"}
    while ahead:
        name = ahead.pop()
        reached.add(name)
        module = (ROOT / "gateway" / "static" / name).read_text()
        ahead |= {urljoin(name, other) for other in re.findall(r'from "(.+?)"', module)} - reached
    assert sorted(reached) == page_modules(), "what else is there would be loaded for nothing"


@pytest.mark.usefixtures("collected")
def test_browsers_find_the_icon_where_they_look_for_it(client: Client) -> None:
    response = client.get("/favicon.ico", follow=True)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("image/svg+xml")


def test_a_folder_into_which_nothing_was_collected_is_named_at_the_start(tmp_path: Path) -> None:
    start = subprocess.run(
        [sys.executable, "-c", "import gateway.wsgi"],
        env={"STATIC_ROOT": str(tmp_path), "ENV_FILE": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert start.returncode != 0
    assert f"STATIC_ROOT, {tmp_path}, has no collected files" in start.stderr.splitlines()[-1]
