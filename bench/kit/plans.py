"""The statements of a page of quotes, each with its plan. Imported in a shell of Quotes alone."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes_service.lists import QuoteFilter
from quotes_service.reads import quotes_page


def show(name: str, order: str, search: str) -> None:
    """Print each statement of a first page, and its plan; of one that was asked for before."""
    for filter in [QuoteFilter(search=search)] * 2:
        with CaptureQueriesContext(connection) as captured:
            quotes_page(filter, order=order, limit=20)
    print(f"==== {order}, {name}")
    for statement in captured.captured_queries:
        print(statement["sql"][:400])
        for line in _plan(statement["sql"]):
            print("    ", line[-1])


def _plan(statement: str) -> Sequence[Sequence[Any]]:
    kind = "(ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {kind} {statement.replace('%', '%%')}", [])
        return cursor.fetchall()
