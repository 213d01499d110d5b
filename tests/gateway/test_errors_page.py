"""docs/errors.md has every code, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A code is a text in capitals with at least one underscore, or INTERNAL or UNAUTHENTICATED.
CODE = re.compile(r'"([A-Z]+(?:_[A-Z]+)+|INTERNAL|UNAUTHENTICATED)"')
NOT_CODES = re.compile(r"DJANGO_|HTTP_|CONTENT_|REMOTE_|^(?:NEWEST|OLDEST|MOST_LIKED)$")
SETTINGS = "settings.py"


def test_the_page_has_every_code_that_the_gateway_gives() -> None:
    given = set()
    for file in (ROOT / "gateway").glob("*.py"):
        if file.name != SETTINGS:
            given |= {code for code in CODE.findall(file.read_text()) if not NOT_CODES.search(code)}
    page = (ROOT / "docs" / "errors.md").read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert told == given


def test_the_page_has_every_code_of_a_refusal_that_the_services_give() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    for file in (ROOT / "tests" / "contracts" / "rest").rglob("*.json"):
        for code in re.findall(r'"code": "(\w+)"', file.read_text()):
            # These never leave the gateway under their own names: it has others for them.
            if code in {"invalid_cursor", "invalid_token", "invalid_request", "validation_error"}:
                continue
            if code in {"upstream_unavailable", "invalid_parameters", "internal"}:
                continue
            assert f"`{code}`" in page, code
