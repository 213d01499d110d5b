"""docs/errors.md has every code, and no other."""

import json
import re

from graphql import GraphQLEnumType

from gateway.error_codes import REFUSALS, ErrorCode, of_service
from gateway.schema.root import schema
from tools.environment import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text()
IN_ERRORS, IN_REFUSALS = PAGE.split("## In `OperationInfo`")
CODES = re.compile(r"`(\w+)`")


def told(table: str) -> set[str]:
    """Return the codes in the first column of a table."""
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    return {code for row in rows for code in CODES.findall(row)}


def test_the_page_has_every_code_that_there_is_and_no_other() -> None:
    in_errors, in_refusals = told(IN_ERRORS), told(IN_REFUSALS) - {"field"}
    assert in_errors | in_refusals == set(ErrorCode)
    # Only a query can be refused for its cursor.
    assert set(REFUSALS) - {ErrorCode.INVALID_CURSOR} <= in_refusals


def test_the_schemas_enum_has_every_code_and_what_it_means() -> None:
    type_ = schema.graphql.type_map["ErrorCode"]
    assert isinstance(type_, GraphQLEnumType)
    described = {name: value.description for name, value in type_.values.items()}
    assert described == {code.name: code.description for code in ErrorCode}
    assert [code for code in ErrorCode if code != code.name] == []


def test_who_raises_finds_the_code_in_the_enum() -> None:
    spelt = re.compile("|".join(f'"{code}"|"{code.lower()}"' for code in ErrorCode))
    ours = (file for file in (ROOT / "gateway").rglob("*.py") if file.name != "error_codes.py")
    assert [(file.name, found) for file in ours if (found := spelt.findall(file.read_text()))] == []


def test_what_the_services_refuse_with_is_known_and_on_the_page() -> None:
    for file in (ROOT / "tests" / "contracts" / "rest").rglob("*.json"):
        example = json.loads(file.read_text())
        if 400 <= example["status"] < 500:
            body = example["body"]
            assert of_service(body["code"]) in REFUSALS, file.name
            # Of the parameters of lists the gateway gives none that can be refused.
            if example["method"] != "GET":
                found = {of_service(error["code"]) for error in body["errors"]}
                assert found <= told(IN_REFUSALS), file.name
