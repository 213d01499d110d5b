"""The form in which names of accounts are compared."""

from unicodedata import normalize


def name_key(name: str) -> str:
    """Return what names that differ by case or by their Unicode form have in common.

    Folding may take a text out of its normal form, so that it is normalised again.
    """
    return normalize("NFKC", normalize("NFKC", name).casefold())
