"""The index of trigrams: FTS5's on SQLite, pg_trgm's on PostgreSQL. It only narrows down: what it
finds is compared again, so that both find the same.
"""

import unicodedata
from collections.abc import Sequence
from math import ceil, inf

from django.db import connection

from quotes_service.models import SearchableText
from quotes_service.search.sampling import Sample
from quotes_service.search.searchable import SHORTEST

# A search may have two hundred, and FTS5 reads all that it is told.
MOST_TRIGRAMS = 24
# Quotes that the index may find for one page, and those that may hold a word's rarest trigram.
MOST_CANDIDATES = 500
MOST_POSTINGS = 20_000
FTS5_TABLE = "quotes_service_trigrams"
_TABLE = SearchableText._meta.db_table


def rarest(words: Sequence[str], sample: Sample) -> str | None:
    """Return the word that the index finds at the least price; None if that is too high for all.

    PostgreSQL's index knows no words of what is neither letter nor digit.
    """
    rare = (
        word
        for word in words
        if word not in sample.too_many and sample.number_with(word) <= MOST_CANDIDATES
    )
    prices = [(price, word) for word in rare if (price := _price(word, sample)) is not None]
    price, word = min(prices, default=(inf, None))
    return word if price <= MOST_POSTINGS else None


def _price(word: str, sample: Sample) -> float | None:
    """Return about how many quotes hold the rarest of a word's trigrams, if it has any."""
    known = (trigram for trigram in _trigrams(word) if _is_indexed(trigram, sample))
    return min((sample.number_with(trigram) for trigram in known), default=None)


def holds(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return a condition on a row of the searchable texts, and its values: it holds all words."""
    position = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
    return " AND ".join([f"{position}({_TABLE}.text, %s) > 0"] * len(words)), list(words)


def candidates(word: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """Return a statement, and its values, that selects as `id` the quotes that hold a word, and as
    `chosen` whether they hold all words.
    """
    chosen, values = holds(words)
    select = f"SELECT quote_id AS id, {chosen} AS chosen FROM"
    if connection.vendor == "postgresql":
        return f"{select} {_TABLE} WHERE text LIKE %s", [*values, f"%{_escaped(word)}%"]
    condition, held = holds([word])
    quoted = (trigram.replace('"', '""') for trigram in _trigrams(word))
    match = " AND ".join(f'"{trigram}"' for trigram in quoted)
    return (
        f"{select} {FTS5_TABLE} AS trigrams"
        f" CROSS JOIN {_TABLE} ON {_TABLE}.quote_id = trigrams.rowid"
        f" WHERE trigrams.{FTS5_TABLE} MATCH %s AND {condition}",
        [*values, match, *held],
    )


def _trigrams(word: str) -> list[str]:
    """Return some of a word's trigrams, evenly, if they are many."""
    starts = range(len(word) - SHORTEST + 1)
    found = list(dict.fromkeys(word[start : start + SHORTEST] for start in starts))
    return found[:: max(1, ceil(len(found) / MOST_TRIGRAMS))]


def _is_indexed(trigram: str, sample: Sample) -> bool:
    if connection.vendor != "postgresql":
        return True
    letters = trigram.strip()
    if not sample.knows_letters and not letters.isascii():
        return False
    return all(unicodedata.category(letter)[0] in "LMN" for letter in letters)


def _escaped(word: str) -> str:
    for special in ("\\", "%", "_"):
        word = word.replace(special, f"\\{special}")
    return word
