"""What a quote is found by: its text and author, folded, so that databases compare characters.

A search and a text are folded alike. So case, accents and widths count for nothing, in any
script, and both databases mean the same. `docs/decisions/search.md` says what is folded.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# An index of trigrams finds no shorter words, so those of wide letters are listed in the text.
SHORTEST = 3
# By their combining class: vowel points of Hebrew, Arabic and Syriac; accents. Others change the
# letter: vowel signs of Indic scripts and of Thai, and what turns か into が.
_ACCENTS = frozenset({1, *range(10, 37), *range(200, 241)})
_DOTLESS = {0x131: "i"}  # beside which Turkish has an i with its dot


def fold(text: str) -> str:
    """Return the text without case, accents and widths, its words parted by single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    letters = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(
        letter for letter in unicodedata.normalize("NFKD", letters) if not _is_silent(letter)
    )
    folded = unicodedata.normalize("NFC", kept.translate(_DOTLESS))
    return " ".join(folded.split())


def searchable_text(title: str, author: str) -> str:
    """Return what the words of a search are looked for in.

    After the text come its pieces of one and two letters that have a wide one: 七転 is a word.
    """
    folded = fold(f"{title} {author}")
    pieces = () if folded.isascii() else dict.fromkeys(_wide_pieces(folded))
    return f" {' '.join([folded, *pieces])} "


def search_words(search: str) -> list[str]:
    """Return what a searchable text must hold to be found, the longest first.

    Nothing, if the search has no letter. A word inside another one is left out.
    """
    words = sorted(set(fold(search).split()), key=lambda word: (-len(word), word))
    kept: list[str] = []
    for word in words:
        if not any(word in longer for longer in kept):
            kept.append(word)
    return [_as_listed(word) for word in kept]


def _as_listed(word: str) -> str:
    is_piece = len(word) < SHORTEST and any(map(_is_wide, word))
    return f" {word} " if is_piece else word


def _wide_pieces(folded: str) -> Iterator[str]:
    for word in folded.split():
        for size in range(1, SHORTEST):
            for start in range(len(word) - size + 1):
                piece = word[start : start + size]
                if any(map(_is_wide, piece)):
                    yield piece


@lru_cache(maxsize=4096)
def _is_wide(letter: str) -> bool:
    """Return whether a letter is as wide as high, as those that say a syllable or a word are."""
    return unicodedata.east_asian_width(letter) == "W"


@lru_cache(maxsize=4096)
def _is_silent(letter: str) -> bool:
    """Return whether it is an accent, or nothing that is seen: a joiner, a soft hyphen."""
    return (
        unicodedata.combining(letter) in _ACCENTS
        or unicodedata.category(letter) == "Cf"
        or "\ufe00" <= letter <= "\ufe0f"
    )
