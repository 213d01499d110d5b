"""The wheel holds the whole product: it runs from there, away from the checkout."""

import os
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import pytest

from tests import checkouts
from tests.tools.documented import blocks, following
from tools.environment import ROOT
from tools.ports import free_port

FROM_THE_WHEEL = "import sys, {0}; sys.exit(not {0}.__file__.startswith(sys.prefix))"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that has the product from its wheel, and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"  # for setuptools writes beside what it builds
    checkouts.copy(sources)
    wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "-w", str(folder), str(sources)], check=True)
    (built,) = folder.glob("*.whl")
    checkouts.make_environment(folder / "venv")
    target = ["--target", str(next((folder / "venv/lib").iterdir()) / "site-packages")]
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", *target, str(built)]
    subprocess.run(install, check=True)
    return folder / "venv"


def run(installed: Path, project: str, folder: Path, *command: str) -> str:
    """Return what a Python of the environment prints, in a folder away from the checkout."""
    environment = {
        "PATH": f"{installed / 'bin'}:{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": f"{project}.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'database.sqlite3'}",
        "BROKER_URL": f"sqlite:///{folder / 'broker.sqlite3'}",
        "JWKS_FILE": str(folder / "jwks.json"),
    }
    result = subprocess.run(
        [str(installed / "bin/python"), *command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("service", ["quotes_service", "likes_service"])
def test_a_service_migrates_and_declares_its_queue_from_the_wheel(
    installed: Path, tmp_path: Path, service: str
) -> None:
    django = partial(run, installed, service, tmp_path, "-m", "django")
    run(installed, service, tmp_path, "-c", FROM_THE_WHEEL.format(service))
    django("check")
    assert "Applying messaging.0001_initial" in django("migrate")
    django("setup_broker")
    assert "outbox" in django("messages", "status")


def test_the_gateway_has_its_schema_and_its_pages_from_the_wheel(
    installed: Path, tmp_path: Path
) -> None:
    django = partial(run, installed, "gateway", tmp_path, "-m", "django")
    run(installed, "gateway", tmp_path, "-c", FROM_THE_WHEEL.format("gateway"))
    django("check")
    assert django("print_schema") == (ROOT / "schema.graphql").read_text()
    for file in ("gateway/page/main.js", "vendor/graphiql.min.js"):
        assert str(installed) in django("findstatic", "--first", file)


def test_every_file_of_the_packages_is_in_the_wheel(installed: Path) -> None:
    site = next((installed / "lib").iterdir()) / "site-packages"
    packages = [path.parent.name for path in site.glob("*/__init__.py")]
    assert {"gateway", "messaging", "event_schemas"} <= set(packages)
    tracked = [name for name in checkouts.files() if name.split("/")[0] in packages]
    assert [name for name in tracked if not (site / name).exists()] == []


def test_messaging_alone_works_in_a_project_as_its_page_says(
    installed: Path, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "messaging-alone.md").read_text()
    for port in ("8011", "8012"):
        page = page.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free_port()}")
    path = f"{installed / 'bin'}:{os.environ['PATH']}"
    with following(tmp_path, {"PATH": path}) as follower:
        done = [follower.follow(block) for block in blocks(page)]
    assert done.count("seen") == 1
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"quotes_in_step-{version}-py3-none-any.whl" in page
