"""How common letters and words are among the quotes, told from a few hundred of them.

What the index of trigrams costs depends on how many quotes hold the rarest one, which neither
database tells beforehand. A sample is kept for a while, as its rows lie far apart.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from database.rows import rows_as_table
from quotes_service.models import SearchableText

SIZE = 400  # quotes, so that one stands for 0.25% of all
KEPT_FOR = 300.0  # seconds
MOST_NOTED = 1000  # words; some 200 kB
_TABLE = SearchableText._meta.db_table


@dataclass(frozen=True)
class Sample:
    """Some searchable texts, spread evenly over all; `quotes` is about how many those are.

    `knows_letters` is false where PostgreSQL's index knows the letters of ASCII alone.
    """

    texts: Sequence[str]
    quotes: int
    knows_letters: bool
    # Words of which the index has found too many, as a sample so small doesn't tell.
    too_many: set[str] = field(default_factory=set)

    def number_with(self, word: str) -> float:
        """Return about how many quotes hold this."""
        held = sum(word in text for text in self.texts)
        return self.quotes * held / max(1, len(self.texts))

    def note_too_many(self, word: str) -> None:
        """Have the index not be asked for this word again, while this sample is kept."""
        if len(self.too_many) < MOST_NOTED:
            self.too_many.add(word)


_kept: list[tuple[float, Sample]] = []


def current_sample() -> Sample:
    """Return the sample that this process keeps, or another one if that is old."""
    if _kept and time.monotonic() < _kept[0][0]:
        return _kept[0][1]
    sample = _take()
    _kept[:] = [(time.monotonic() + KEPT_FOR, sample)]
    return sample


def forget() -> None:
    """Take another sample for the next search."""
    _kept.clear()


def _take() -> Sample:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(quote_id), max(quote_id) FROM {_TABLE}")  # noqa: S608
        first, last = cursor.fetchone()
        if first is None:
            return Sample([], 0, knows_letters=True)
        span = last - first + 1
        # One at random in each of as many stretches: every thousandth may be all of one kind.
        places = [(first + int(span * (place + random.random()) / SIZE),) for place in range(SIZE)]  # noqa: S311
        given, values = rows_as_table(places, ["bigint"])
        cursor.execute(
            f"SELECT (SELECT text FROM {_TABLE} WHERE quote_id >= column1"  # noqa: S608
            f" ORDER BY quote_id LIMIT 1) FROM {given}",
            values,
        )
        texts = [text for (text,) in cursor.fetchall() if text is not None]
    return Sample(texts, span, knows_letters=_knows_letters())


def _knows_letters() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
        [ctype] = cursor.fetchone()
    return ctype not in {"C", "POSIX"}
