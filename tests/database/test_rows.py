"""Rows as a table inside a statement arrive as they are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from database.rows import rows_as_table

# What both databases hold: no NUL and no lone surrogates.
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
numbers = st.integers(-(2**63), 2**63 - 1)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds have none

rows = st.tuples(
    numbers, st.none() | texts | st.sampled_from(["NULL", "null", '"', "\\", "{}", ",", ""])
)


def selected(table: list[tuple[Any, ...]], *types: str) -> list[tuple[Any, ...]]:
    given, parameters = rows_as_table(table, types)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {given}", parameters)  # noqa: S608 - no input
        return cursor.fetchall()


@pytest.mark.django_db
@given(st.lists(rows, min_size=1, max_size=20))
def test_numbers_and_texts_come_back_as_they_went(table: list[tuple[Any, ...]]) -> None:
    assert selected(table, "bigint", "text") == table


@pytest.mark.django_db
@given(st.lists(st.tuples(st.none() | st.booleans(), st.none() | moments), min_size=1, max_size=20))
def test_truth_values_and_times_come_back_as_they_went(table: list[tuple[Any, ...]]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no type for them")
    assert selected(table, "boolean", "timestamptz") == table
