"""Quotes that hold all words of a search, page by page, at a bounded price.

Two ways lead to a page. One looks at the list's next rows, as many as a request may. The other
asks the index of trigrams for all quotes that hold the words. The first is soon done with words
that are common, the second with those that are rare; neither with two common ones that hardly
ever meet. Then a page ends where the looking did, and the next one goes on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from database.statements import Bound, List, PageStatement
from database.tables import Rows
from quotes_service.models import Quote, SearchableText
from quotes_service.search import trigrams
from quotes_service.search.sampling import current_sample
from rest.cursors import encode_cursor
from rest.paging import Order, Page

# Texts that one request looks at, divided by how many words are looked for in each. Those of all
# quotes by id lie side by side in their table; those of other lists are found one by one.
LOOKS = 5000
LOOKS_ELSEWHERE = 1000
_TEXTS = SearchableText._meta.db_table
_QUOTES = Quote._meta.db_table


@dataclass(frozen=True)
class SearchPage(Page[dict[str, Any]]):
    """A page that may end before it is full: `ends` are its cursors where they are no row's."""

    ends: Mapping[str, str] = field(default_factory=dict)

    def info(self) -> dict[str, Any]:
        """Return `page_info` as the REST contract has it."""
        return {**super().info(), **self.ends}


def search_page(
    rows: Rows,
    order: Order,
    words: Sequence[str],
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
    backwards: bool = False,
) -> SearchPage:
    """Read `limit` of the rows that hold all words, between two cursors, as `read_page` does.

    A page with fewer may still say that there are more: the looking ended there. With a cursor it
    says that there is something on its other side, without a look.
    """
    bounds = []
    if after is not None:
        bounds.append(order.beyond(order.keys(after), later=True))
    if before is not None:
        bounds.append(order.beyond(order.keys(before), later=False))
    try:
        found, stop = _Looking(rows, order, words, bounds, limit, backwards).found()
    except EmptyResultSet:
        found, stop = [], None
    if len(found) > limit:
        stop = order.cursor(found[limit - 1])
    more = stop is not None
    return SearchPage(
        rows=_whole(rows, order, found[:limit]),
        order=order,
        has_next=before is not None if backwards else more or before is not None,
        has_previous=more or after is not None if backwards else after is not None,
        ends={} if stop is None else {f"{'start' if backwards else 'end'}_cursor": stop},
    )


def holds_all(words: Sequence[str]) -> RawSQL:
    """Return the condition that a quote holds all words."""
    condition, values = trigrams.holds(words)
    of_quote = f"SELECT {condition} FROM {_TEXTS} WHERE quote_id = {_QUOTES}.id"  # noqa: S608
    return RawSQL(of_quote, values, output_field=BooleanField())  # noqa: S611 - no input


@dataclass(frozen=True)
class _Looking:
    """One request's look for rows, of which it reads the order's columns alone."""

    rows: Rows
    order: Order
    words: Sequence[str]
    bounds: Sequence[Bound]
    limit: int
    backwards: bool

    def found(self) -> tuple[list[dict[str, Any]], str | None]:
        """Return one row more than the limit, if there are so many; and if the looking ended
        before, the cursor where it did.
        """
        looks, sample = self._looks(), current_sample()
        if sample.quotes > looks and (word := trigrams.rarest(self.words, sample)) is not None:
            found = self._ask_index(word)
            if found is not None:
                return found, None
            sample.note_too_many(word)
        listed = self._statement(self.rows)
        last = listed.keys_at(self.bounds, descending=self._descending, offset=looks - 1)
        if last is None:
            return self._look(self.bounds), None
        here = self.order.beyond(last, later=self.backwards, inclusive=True)
        found = self._look([*self.bounds, here])
        if len(found) > self.limit:
            return found, None
        return found, encode_cursor(self.order.name, last)

    @property
    def _descending(self) -> bool:
        return self.order.descending != self.backwards

    @property
    def _is_of_all_by_id(self) -> bool:
        return self.order.fields == ("id",) and not self.rows.query.where

    def _looks(self) -> int:
        looks = LOOKS if self._is_of_all_by_id else LOOKS_ELSEWHERE
        return max(self.limit + 1, looks // len(self.words))

    def _statement(self, rows: Rows) -> PageStatement:
        return PageStatement(List(rows.values(*self.order.fields), self.order.fields))

    def _look(self, bounds: Sequence[Bound]) -> list[dict[str, Any]]:
        """Look at all rows within the bounds, until there are enough."""
        if not self._is_of_all_by_id:
            return self._first(self._statement(self.rows.filter(holds_all(self.words))), bounds)
        condition, values = trigrams.holds(self.words)
        holding = RawSQL(condition, values, output_field=BooleanField())  # noqa: S611 - no input
        texts = List(SearchableText.objects.filter(holding).values("quote"), ["quote"])
        return [{"id": row["quote"]} for row in self._first(PageStatement(texts), bounds)]

    def _first(self, statement: PageStatement, bounds: Sequence[Bound]) -> list[dict[str, Any]]:
        found, _ = statement.read(bounds, [], descending=self._descending, limit=self.limit + 1)
        return found

    def _ask_index(self, word: str) -> list[dict[str, Any]] | None:
        """Read rows among those that the index finds for one word; None if these are too many."""
        return self._statement(self.rows).read_among(
            trigrams.candidates(word, self.words),
            self.bounds,
            descending=self._descending,
            limit=self.limit + 1,
            most=trigrams.MOST_CANDIDATES,
            ids_suffice=self._is_of_all_by_id,
        )


def _whole(rows: Rows, order: Order, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with all their columns, in list order."""
    if not found:
        return []
    among = rows.model._default_manager.filter(id__in=[row["id"] for row in found])
    statement = PageStatement(List(among.values(*rows.query.values_select), order.fields))
    whole, _ = statement.read([], [], descending=order.descending, limit=len(found))
    return whole
