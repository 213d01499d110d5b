"""GraphiQL's files in the tree are those of the pinned packages, unchanged."""

import shutil
import subprocess
from pathlib import Path

from tests import npm
from tools.environment import ROOT

VENDOR = ROOT / "gateway" / "static" / "vendor"
RECIPE = ROOT / "tools" / "graphiql"


def test_the_committed_files_are_what_the_recipe_copies(tmp_path: Path) -> None:
    npm.require()
    recipe = shutil.copytree(RECIPE, tmp_path / "recipe", ignore=lambda *_: ["node_modules"])
    subprocess.run(["sh", recipe / "copy.sh", str(tmp_path / "copied")], check=True)
    copied = {path.name: path.read_bytes() for path in (tmp_path / "copied").iterdir()}
    assert copied == {path.name: path.read_bytes() for path in VENDOR.iterdir()}


def test_each_package_that_is_built_in_comes_with_its_licence() -> None:
    licences = (VENDOR / "LICENCES.txt").read_text()
    for name in ("graphiql", "react", "react-dom", "codemirror", "graphql", "@fontsource/roboto"):
        assert f"\n{name} " in licences, name
