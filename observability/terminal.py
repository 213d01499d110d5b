"""Text of strangers, as a terminal may be given it.

An escape sequence in the type of a message moves the cursor, hides lines or renames the window of
the operator who looks at it.
"""

import unicodedata

# Controls (ESC and C1's CSI among them), formats (such as right-to-left overrides), what can't be
# encoded, and other ends of lines.
_UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def printable(text: str, *, lines: bool = False) -> str:
    """Return the text with all that a terminal would obey escaped; `lines` keeps ends of lines."""
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(
        each.encode("unicode_escape").decode()
        if unicodedata.category(each) in _UNSHOWN and each not in kept
        else each
        for each in text
    )
