"""Writes the manifest of the page's own operations, for a gateway that executes no others.

`python -m tools.page_operations > gateway/web/page_operations.json`; a test fails when it is due.
"""

import hashlib
import json
import re
import subprocess

from tools.environment import ROOT

_SOURCE = ROOT / "gateway" / "static" / "gateway" / "page" / "operations.js"
# A module by its text: older versions of Node take the file's name for that of another kind.
_READ = """
const text = require("fs").readFileSync(0, "utf8");
import("data:text/javascript," + encodeURIComponent(text))
  .then((module) => console.log(JSON.stringify(Object.values(module))));
"""


def manifest() -> dict[str, object]:
    """Return the page's operations as Apollo's tools write them. Needs Node."""
    run = subprocess.run(
        ["node", "-e", _READ], input=_SOURCE.read_bytes(), capture_output=True, check=True
    )
    documents: list[str] = json.loads(run.stdout)
    return {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [_described(document) for document in documents],
    }


def _described(document: str) -> dict[str, str]:
    kind, name = re.findall(r"^(query|mutation|subscription) (\w+)", document, re.MULTILINE)[0]
    return {
        "id": hashlib.sha256(document.encode()).hexdigest(),
        "name": name,
        "type": kind,
        "body": document,
    }


if __name__ == "__main__":
    print(json.dumps(manifest(), indent=2))
