"""One normal form for text: the same letters are the same characters, however they were typed."""

import unicodedata

# Longer texts are left as they are, and every field refuses them: what orders the marks of a
# letter takes four times as long for twice as many, six seconds for a body of 100 kB.
LONGEST = 1024


def normal_form(text: str) -> str:
    """Return the text in NFC, if it has at most `LONGEST` characters."""
    if text.isascii() or len(text) > LONGEST:
        return text
    return unicodedata.normalize("NFC", text)
