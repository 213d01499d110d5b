"""Which names may be given to accounts: those that can't be taken for another's.

The rule is the level "Highly Restrictive" of Unicode's UTS 39: all letters of a name are of one
script, or of Latin with those that Japanese, Chinese or Korean is written in. Only scripts in
common use today are welcome (UAX 31, table 5), as others have letters that look like Latin ones;
and no letters that can't be seen.
https://www.unicode.org/reports/tr39/#Restriction_Level_Detection
"""

from collections.abc import Sequence

import regex
from django.core.exceptions import ValidationError

_IN_USE = [
    "Arabic", "Armenian", "Bengali", "Bopomofo", "Cyrillic", "Devanagari", "Ethiopic", "Georgian",
    "Greek", "Gujarati", "Gurmukhi", "Han", "Hangul", "Hebrew", "Hiragana", "Kannada", "Katakana",
    "Khmer", "Lao", "Latin", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu",
    "Thaana", "Thai", "Tibetan",
]  # fmt: skip
_TOGETHER = [
    ["Latin", "Han", "Hiragana", "Katakana"],
    ["Latin", "Han", "Bopomofo"],
    ["Latin", "Han", "Hangul"],
]


def _letters(scripts: Sequence[str]) -> str:
    """Match letters of these scripts, and what all scripts share, such as digits."""
    return "[" + "".join(rf"\p{{scx={each}}}" for each in [*scripts, "Common", "Inherited"]) + "]*"


_VISIBLE = r"(?!.*\p{Default_Ignorable_Code_Point})"
_OF_ONE = "|".join(map(_letters, [*([each] for each in _IN_USE), *_TOGETHER]))
_WELCOME = regex.compile(f"{_VISIBLE}(?:{_OF_ONE})")


def check_scripts(name: str) -> None:
    """Raise ValidationError for a name with letters that can't be seen, or must not be mixed."""
    if not _WELCOME.fullmatch(name):
        raise ValidationError(
            "The letters of a username must be of one script in use today, such as Latin or"
            " Cyrillic. Those of Chinese, Japanese and Korean may be mixed with Latin ones.",
            code="mixed_scripts",
        )
