"""If-Match: a thing is changed only as its caller has seen it (RFC 9110, section 13.1.1)."""

import re

from django.utils.http import parse_etags

from rest.errors import InvalidRequest

_VERSION = re.compile(r'"([1-9][0-9]{0,18})"')


def etag(version: int) -> str:
    """Return the entity tag of a thing that has versions. It is a strong one."""
    return f'"{version}"'


def expected_versions(if_match: str | None) -> frozenset[int] | None:
    """Return which versions a caller expects; `None` if any will do. Raises `InvalidRequest`.

    A weak tag matches nothing, nor does one that was never given out: so they are left out.
    """
    if if_match is None:
        return None
    tags = parse_etags(if_match)
    if not tags:
        raise InvalidRequest('If-Match must be a list of entity tags, such as "3", or *.')
    if tags == ["*"]:
        return None
    return frozenset(int(found[1]) for tag in tags if (found := _VERSION.fullmatch(tag)))
