"""Bodies of requests: JSON in UTF-8, as it is and of a known length; what else is sent is named."""

import codecs

from django.http import HttpRequest

JSON = "application/json"
_UTF_16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_GZIP = b"\x1f\x8b"


class BodyRefused(Exception):
    """The body is not one that is read here. `status` is 400, 411 or 415."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def check_length(request: HttpRequest) -> None:
    """Raise BodyRefused if the body has no length: WSGI's input ends where its length says."""
    length: str = request.META.get("CONTENT_LENGTH") or ""
    if "HTTP_TRANSFER_ENCODING" in request.META or not length:
        raise BodyRefused("Send the body with its Content-Length.", 411)
    if not (length.isascii() and length.isdigit()):
        raise BodyRefused("The Content-Length is no number.", 400)


def check_declaration(request: HttpRequest) -> None:
    """Raise BodyRefused unless the headers say that the body is JSON in UTF-8, uncompressed."""
    if request.content_type != JSON:
        raise BodyRefused(f"Send the request as {JSON}.", 415)
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8"}:
        raise BodyRefused("Send the request in UTF-8.", 415)
    if request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in {"", "identity"}:
        raise BodyRefused("Send the body without a Content-Encoding: it is not decompressed.", 415)


def check_text(body: bytes) -> None:
    """Raise BodyRefused for what is no JSON in UTF-8, if it can be told what it is instead."""
    if body.startswith(_GZIP):
        raise BodyRefused("The body is compressed by gzip. Send it as it is.", 415)
    if body.startswith(codecs.BOM_UTF8):
        raise BodyRefused("The body begins with a byte-order mark. Send it without.", 400)
    # JSON begins with a character of ASCII, of which each of these has a half that is zero.
    if body.startswith(_UTF_16_OR_32) or (len(body) > 1 and b"\0" in body[:2]):
        raise BodyRefused("The body is in UTF-16 or UTF-32. Send it in UTF-8.", 415)
