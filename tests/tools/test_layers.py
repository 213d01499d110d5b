"""Who may import whom is a lint that knows every module."""

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import checkouts
from tools.environment import ROOT, VENV

LINT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
# Django's own folders, each file of which stands alone.
DJANGOS = {"management", "migrations"}


def packages(folder: Path) -> Iterator[Path]:
    """Give the package in a folder and those in it that have modules of their own."""
    yield folder
    for inner in folder.iterdir():
        if (inner / "__init__.py").exists() and inner.name not in DJANGOS:
            modules = [path for path in inner.iterdir() if path.name not in {"__init__.py"}]
            if sum(path.suffix == ".py" for path in modules) > 1:
                yield from packages(inner)


@pytest.mark.parametrize("package", LINT["root_packages"])
def test_each_module_of_each_package_has_its_place_in_a_layer(package: str) -> None:
    exhaustive = {
        container
        for contract in LINT["contracts"]
        if contract["type"] == "layers" and contract["exhaustive"]
        for container in contract["containers"]
    }
    names = {".".join(found.relative_to(ROOT).parts) for found in packages(ROOT / package)}
    assert names - exhaustive == set()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    checkouts.copy(folder)
    return folder


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("quotes_service/domain.py", "from quotes_service import api_quotes"),
        ("likes_service/domain.py", "from likes_service import api"),
        ("likes_service/models.py", "from quotes_service import models"),
        ("messaging/outbox.py", "from messaging import relay"),
        ("web/rates.py", "from rest import errors"),
        ("gateway/errors.py", "from rest import errors"),
        ("gateway/a_new_module.py", "VALUE = 1"),
    ],
)
def test_an_import_upwards_fails_the_lint(copy: Path, file: str, line: str) -> None:
    path = copy / file
    text = path.read_text() if path.exists() else ""
    path.write_text(f"{text}\n{line}\n")
    run = subprocess.run(
        [VENV / "bin/lint-imports", "--no-cache"], cwd=copy, capture_output=True, check=False
    )
    path.write_text(text) if text else path.unlink()
    assert run.returncode == 1, run.stdout.decode()
