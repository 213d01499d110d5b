"""Opaque cursors: the place of a row in a list, as base64url JSON of the order and its keys.

A cursor is no secret and needs no signature: whatever it says, it only chooses where a page
starts. But one that this code would not have written is refused, so that a mistake shows.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

import orjson

from rest.errors import InvalidCursor

MAX_LENGTH = 200  # the longest that is written is under 100
_LIMIT = 2**63


def encode_cursor(order: str, keys: Sequence[int]) -> str:
    """Write the cursor of the row that has these keys in a list of this order."""
    return urlsafe_b64encode(orjson.dumps([order, *keys])).rstrip(b"=").decode()


def decode_cursor(cursor: str, order: str, width: int) -> tuple[int, ...]:
    """Read the `width` keys out of a cursor of this order. Raises `InvalidCursor`."""
    keys = _keys(cursor, order)
    if len(keys) != width or encode_cursor(order, keys) != cursor:
        raise InvalidCursor
    return tuple(keys)


def _keys(cursor: str, order: str) -> list[int]:
    if len(cursor) > MAX_LENGTH:
        raise InvalidCursor
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        name, *keys = orjson.loads(raw)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidCursor from None
    if name != order or not all(type(key) is int and -_LIMIT <= key < _LIMIT for key in keys):
        raise InvalidCursor
    return keys
