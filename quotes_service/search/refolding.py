"""What a quote is found by is written with its text; and later, where another release wrote that.

The release before knows no `SearchableText`. What it writes while both run is found out by its
version, and made searchable by the next writes of this one. A release that folds otherwise has
only to set `searchable_version` back to 0.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import F, Q

from database.rows import rows_as_table
from quotes_service.models import Quote, SearchableText
from quotes_service.search.searchable import searchable_text

_TEXTS = SearchableText._meta.db_table


def write_searchable(quotes: Sequence[Quote]) -> None:
    """Write what these quotes are found by, and that they are. They are locked, or new."""
    texts = [(quote.id, searchable_text(quote.title, quote.author)) for quote in quotes]
    given, values = rows_as_table(texts, ["bigint", "text"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TEXTS} (quote_id, text) SELECT column1, column2 FROM {given}"  # noqa: S608
            " WHERE true ON CONFLICT (quote_id) DO UPDATE SET text = excluded.text",
            values,
        )
    if behind := [quote.id for quote in quotes if quote.searchable_version != quote.version]:
        Quote.objects.filter(id__in=behind).update(searchable_version=F("version"))


def catch_up(most: int) -> int:
    """Make up to so many quotes searchable that are not, and return how many those were."""
    with transaction.atomic():
        behind = Quote.objects.filter(~Q(searchable_version=F("version"))).order_by("id")
        # Whoever writes one of them just now makes it searchable, or leaves it to the next.
        quotes = list(behind.select_for_update(skip_locked=True, no_key=True)[:most])
        if quotes:
            write_searchable(quotes)
        return len(quotes)
