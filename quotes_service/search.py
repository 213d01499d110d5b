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
from database.tables import Rows, Table
from quotes_service import trigrams
from quotes_service.models import Quote, SearchableText
from quotes_service.sampling import current_sample
from rest.cursors import encode_cursor
from rest.paging import Order, Page

# Texts that one request looks at, divided by how many words are looked for in each. Those of all
# quotes by id lie side by side in their table; those of other lists are found one by one.
LOOKS = 10_000
LOOKS_ELSEWHERE = 1000
# Quotes that the index may find for one page, and those that may hold the rarest trigram.
MOST_CANDIDATES = 500
MOST_POSTINGS = 20_000
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


def search_total(words: Sequence[str], most: int) -> int | None:
    """Return how many quotes hold all words; None if that is more than `most`, or if the index has
    too many that may hold them.
    """
    rarest = trigrams.rarest(words, current_sample())
    if rarest is None or rarest > MOST_POSTINGS:
        return None
    statement, values = trigrams.candidates(words)
    counted = f"SELECT count(*) FROM (SELECT id FROM ({statement}) AS found LIMIT {most + 1:d})"  # noqa: S608
    [(number,)] = Table(Quote.objects.values("id")).run(f"{counted} AS counted", values)
    return number if number <= most else None


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
        looks = self._looks()
        listed = self._statement(self.rows)
        last = listed.keys_at(self.bounds, descending=self._descending, offset=looks - 1)
        if last is None:
            return self._look(self.bounds), None
        sample = current_sample()
        rarest = trigrams.rarest(self.words, sample)
        if (
            rarest is not None
            and rarest <= MOST_POSTINGS
            and sample.number_with(self.words) <= MOST_CANDIDATES
            and (found := self._ask_index()) is not None
        ):
            return found, None
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
        if self._is_of_all_by_id:
            condition, values = trigrams.holds(self.words)
            holds_all = RawSQL(condition, values, output_field=BooleanField())  # noqa: S611
            texts = SearchableText.objects.filter(holds_all).values("quote")
            statement = PageStatement(List(texts, ["quote"]))
        else:
            statement = self._statement(self.rows.filter(holds_all(self.words)))
        found, _ = statement.read(bounds, [], descending=self._descending, limit=self.limit + 1)
        return [{"id": row["quote"]} for row in found] if self._is_of_all_by_id else found

    def _ask_index(self) -> list[dict[str, Any]] | None:
        """Read rows by the index; None if it finds too many."""
        return self._statement(self.rows).read_among(
            trigrams.candidates(self.words),
            self.bounds,
            descending=self._descending,
            limit=self.limit + 1,
            most=MOST_CANDIDATES,
        )


def _whole(rows: Rows, order: Order, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with all their columns, in list order."""
    if not found:
        return []
    among = rows.model._default_manager.filter(id__in=[row["id"] for row in found])
    statement = PageStatement(List(among.values(*rows.query.values_select), order.fields))
    whole, _ = statement.read([], [], descending=order.descending, limit=len(found))
    return whole
