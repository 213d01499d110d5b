"""Ids: what can't be one is not found in a path, and refused in a query string."""

import pytest
from django.test import Client

BIGGEST = 2**63 - 1


@pytest.mark.parametrize("text", ["1", "7", "007", str(BIGGEST)])
def test_an_id_in_a_path_is_a_whole_number(client: Client, text: str) -> None:
    assert client.get(f"/things/{text}").json() == int(text)


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.0", "x", "", " 1", "1e3", "\u0661", str(BIGGEST + 1), "1" + "0" * 40]
)
def test_what_can_not_be_an_id_is_not_found(client: Client, text: str) -> None:
    assert client.get(f"/things/{text}").json()["code"] == "not_found"


def test_a_list_of_ids_is_sorted_and_without_repetitions(client: Client) -> None:
    assert client.get("/things?id=3,1, 2,3").json()["id"] == [1, 2, 3]
    assert client.get("/things").json()["id"] is None


def test_ids_too_large_for_anything_are_left_out(client: Client) -> None:
    assert client.get(f"/things?id=1,{BIGGEST},{BIGGEST + 1},{10**40}").json()["id"] == [1, BIGGEST]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("id=a", "id", "invalid"),
        ("id=", "id", "invalid"),
        ("id=1,,2", "id", "invalid"),
        ("id=-1", "id", "invalid"),
        ("id=" + ",".join(["1"] * 101), "id", "too_many"),
        ("user=0", "user", "too_small"),
        (f"user={BIGGEST + 1}", "user", "too_large"),
        (f"user={10**40}", "user", "too_large"),
        ("user=x", "user", "invalid"),
        ("limit=101", "limit", "too_large"),
        ("limit=-1", "limit", "too_small"),
        ("limit=1_0", "limit", "invalid"),
        ("limit=10.0", "limit", "invalid"),
        ("limit=1e1", "limit", "invalid"),
        ("limit=%2B10", "limit", "invalid"),
        ("limit=%2010", "limit", "invalid"),
        ("limit=%D9%A1", "limit", "invalid"),
        ("limit=" + "9" * 5000, "limit", "invalid"),
        ("limit=", "limit", "invalid"),
        ("user=1_0", "user", "invalid"),
        ("user=1.0", "user", "invalid"),
        ("id=1_0", "id", "invalid"),
    ],
)
def test_wrong_numbers_in_a_query_string_are_named(
    client: Client, query: str, field: str, code: str
) -> None:
    (error,) = client.get(f"/things?{query}").json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
