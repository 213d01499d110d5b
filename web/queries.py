"""Query strings as they may come in: Django reads broken UTF-8 as U+FFFD, without a word."""

from urllib.parse import unquote_to_bytes

from django.http import HttpRequest


def is_utf8(request: HttpRequest) -> bool:
    """Return whether the query string is UTF-8, as it came and percent-encoded."""
    text: str = request.META.get("QUERY_STRING", "")
    if "%" not in text and text.isascii():
        return True
    try:
        unquote_to_bytes(text.encode("latin-1")).decode()  # as WSGI has it
    except UnicodeError:
        return False
    return True
