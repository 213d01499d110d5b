"""A million quotes of many words, some of them rare, as both databases take them."""

import random
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import accumulate, islice

import psycopg

from quotes_service.search.searchable import searchable_text
from tools.product import manage

_CONSONANTS = "b c d f g h j k l m n p qu r s t v w z bl br ch cl cr dr fl fr gl gr"
_CONSONANTS += " kn pl pr sc sh sk sl sm sn sp st sw th tr tw wh wr x y"
_VOWELS = "a e i o u ai ea ee ie oa oo ou"
_ENDS = ["", "", "n", "s", "r", "d", "ng", "nt", "st", "ll", "ck", "sm"]
_QUOTES = "title, author, likes, version, created_at, updated_at"
Row = tuple[str, str, int]


def rows(number: int) -> Iterator[Row]:
    """Make texts, authors and likes. A few words are where a benchmark looks for them."""
    chance = random.Random(16)  # noqa: S311 - the same each time
    words = _words(chance, 40_000)
    weights = list(accumulate(1 / (place + 5) for place in range(len(words))))
    for place in range(number):
        text = chance.choices(words, cum_weights=weights, k=chance.randint(5, 16))
        text.append("always" if place % 2 else "never")
        if place % 1000 == 500:
            text.append("wisdom")
        if place < number // 10:
            text.append("ancient")
        if place in {number // 5, number // 3, number // 2}:
            text.append("Roosevelt 七転び八起き")
        author = f"Author {chance.choice(words)}" if chance.random() < 0.8 else ""
        yield " ".join(text), author, int(chance.random() ** 8 * 250)


def fill(environment: Mapping[str, str], url: str, number: int) -> None:
    """Make the tables of Quotes in an empty database, fill them, and make the index after."""
    manage("quotes_service", "migrate", "quotes_service", "0006", environment=environment)
    if url.startswith("sqlite:///"):
        _fill_sqlite(url.removeprefix("sqlite:///"), number)
    else:
        _fill_postgresql(url, number)
    manage("quotes_service", "migrate", environment=environment)
    if not url.startswith("sqlite:///"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


def _fill_postgresql(url: str, number: int) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        columns = f"{_QUOTES}, likes_sequence, likes_counted_sequence, searchable_version"
        with cursor.copy(f"COPY quotes_service_quote ({columns}) FROM STDIN".encode()) as copy:
            for title, author, likes in rows(number):
                copy.write_row((title, author, likes, 1, "now", "now", 0, 0, 1))
        table = "quotes_service_searchabletext (quote_id, text)"
        with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for place, (title, author, _) in enumerate(rows(number), start=1):
                copy.write_row((place, searchable_text(title, author)))


def _fill_sqlite(path: str, number: int) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(
            f"INSERT INTO quotes_service_quote ({_QUOTES}, likes_sequence,"  # noqa: S608
            " likes_counted_sequence, searchable_version)"
            " VALUES (?, ?, ?, 1, '2026-11-27', '2026-11-27', 0, 0, 1)",
            rows(number),
        )
        connection.executemany(
            "INSERT INTO quotes_service_searchabletext VALUES (?, ?)",
            (
                (place, searchable_text(title, author))
                for place, (title, author, _) in enumerate(rows(number), start=1)
            ),
        )
    connection.close()


def _words(chance: random.Random, number: int) -> list[str]:
    consonants, vowels = _CONSONANTS.split(), _VOWELS.split()
    made = (
        "".join(
            chance.choice(consonants) + chance.choice(vowels)
            for _ in range(chance.choice((1, 1, 2, 2, 3)))
        )
        + chance.choice(_ENDS)
        for _ in iter(int, 1)
    )
    return list(islice(dict.fromkeys(islice(made, 4 * number)), number))
