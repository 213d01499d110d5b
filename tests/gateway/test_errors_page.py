"""docs/errors.md has every code, and no other."""

import json
import re
from pathlib import Path

from gateway.errors import REFUSALS

ROOT = Path(__file__).parents[2]
# A code is a text in capitals with at least one underscore, or INTERNAL or UNAUTHENTICATED.
CODE = re.compile(r'"([A-Z]+(?:_[A-Z]+)+|INTERNAL|UNAUTHENTICATED)"')
NOT_CODES = re.compile(
    r"DJANGO_|HTTP_|CONTENT_|REMOTE_|REQUEST_METHOD|SERVER_|^(?:NEWEST|OLDEST|MOST_LIKED)$"
)
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
    told = _codes_of_refusals()
    # Only a query can be refused for its cursor, which is INVALID_CURSOR.
    assert set(REFUSALS) - {"invalid_cursor"} <= told
    for file in (ROOT / "tests" / "contracts" / "rest").rglob("*.json"):
        example = json.loads(file.read_text())
        if 400 <= example["status"] < 500:
            body = example["body"]
            assert body["code"] in REFUSALS, file.name
            # Of the parameters of lists the gateway gives none that can be refused.
            if example["method"] != "GET":
                assert {error["code"] for error in body["errors"]} <= told, file.name


def _codes_of_refusals() -> set[str]:
    """Answer the codes in the first column of the page's second table."""
    _, _, table = (ROOT / "docs" / "errors.md").read_text().partition("## In `OperationInfo`")
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
