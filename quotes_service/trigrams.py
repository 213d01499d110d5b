"""The index of trigrams: FTS5's on SQLite, pg_trgm's on PostgreSQL. It only narrows down: what it
finds is compared again, so that both find the same.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from math import ceil

from django.db import connection

from quotes_service.models import SearchableText
from quotes_service.sampling import Sample
from quotes_service.searchable import SHORTEST

# A search may have two hundred, and FTS5 reads all that it is told.
MOST_TRIGRAMS = 24
FTS5_TABLE = "quotes_service_trigrams"
_TABLE = SearchableText._meta.db_table


def rarest(words: Sequence[str], sample: Sample) -> float | None:
    """Return about how many quotes hold the rarest of the words' trigrams.

    None if the index knows none of them: for PostgreSQL, what is no letter or digit parts words.
    """
    usable = [each for each in _trigrams(words) if _is_indexed(each, sample)]
    return min((sample.number_with([each]) for each in usable), default=None)


def holds(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return a condition on a row of the searchable texts, and its values: it holds all words."""
    position = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
    return " AND ".join([f"{position}({_TABLE}.text, %s) > 0"] * len(words)), list(words)


def candidates(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return a statement, and its values, that selects as `id` the quotes that hold all words."""
    if connection.vendor == "postgresql":
        like = " AND ".join(["text LIKE %s"] * len(words))
        patterns = [f"%{_escaped(word)}%" for word in words]
        return f"SELECT quote_id AS id FROM {_TABLE} WHERE {like}", patterns  # noqa: S608
    condition, values = holds(words)
    quoted = (each.replace('"', '""') for each in _trigrams(words))
    match = " AND ".join(f'"{each}"' for each in quoted)
    return (
        f"SELECT quote_id AS id FROM {FTS5_TABLE} AS trigrams"  # noqa: S608 - no input
        f" CROSS JOIN {_TABLE} ON {_TABLE}.quote_id = trigrams.rowid"
        f" WHERE trigrams.{FTS5_TABLE} MATCH %s AND {condition}",
        [match, *values],
    )


def _trigrams(words: Sequence[str]) -> list[str]:
    """Return some of the words' trigrams, evenly, if they are many."""
    found = list(dict.fromkeys(_of_all(words)))
    return found[:: max(1, ceil(len(found) / MOST_TRIGRAMS))]


def _of_all(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        for start in range(len(word) - SHORTEST + 1):
            yield word[start : start + SHORTEST]


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
