"""The OpenAPI document tells of each operation which errors may come, and what they look like."""

import re
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    response: dict[str, Any] = client.get("/openapi.json").json()
    return response


@pytest.mark.parametrize(
    ("path", "method", "errors"),
    [
        ("/things", "get", {"400", "422", "503"}),
        ("/raise/{name}", "get", {"400", "404", "503"}),
        ("/notes", "post", {"400", "411", "413", "415", "422", "503"}),
        ("/closed", "get", {"400", "401", "503"}),
    ],
)
def test_errors_that_follow_from_what_an_operation_takes_are_documented(
    document: dict[str, Any], path: str, method: str, errors: set[str]
) -> None:
    responses = document["paths"][path][method]["responses"]
    assert {status for status in responses if status >= "400"} == errors
    assert list(responses) == sorted(responses)


def test_each_error_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/ProblemOut"}
    responses = [
        response
        for path in document["paths"].values()
        for operation in path.values()
        for status, response in operation["responses"].items()
        if status >= "400"
    ]
    assert responses
    for response in responses:
        assert response["content"] == {"application/problem+json": {"schema": problem}}
    assert set(document["components"]["schemas"]["ProblemOut"]["required"]) == {
        "type", "title", "status", "detail", "code", "errors",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["1", "1,2,3", " 1 , 2 ", "", ",", "1,", "-1", "1e3", "a", "1;2", ",".join(["7"] * 101)]
)
def test_lists_of_ids_are_documented_as_they_are_read(
    client: Client, document: dict[str, Any], text: str
) -> None:
    parameters = document["paths"]["/things"]["get"]["parameters"]
    (ids,) = [parameter["schema"] for parameter in parameters if parameter["name"] == "id"]
    (written,) = [each for each in ids["anyOf"] if each["type"] == "string"]
    is_read = client.get("/things", {"id": text}).status_code == 200
    assert (re.fullmatch(written["pattern"], text) is not None) == is_read
