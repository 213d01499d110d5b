"""What a body is said to be when it is not JSON in UTF-8."""

import codecs

import pytest

from web.bodies import BodyRefused, check_text

TEXT = '{"query": "{ __typename }"}'


@pytest.mark.parametrize(
    ("body", "named", "status"),
    [
        (codecs.BOM_UTF8 + TEXT.encode(), "byte-order mark", 400),
        (TEXT.encode("utf-16"), "UTF-16", 415),
        (TEXT.encode("utf-16-le"), "UTF-16", 415),
        (TEXT.encode("utf-16-be"), "UTF-16", 415),
        (TEXT.encode("utf-32"), "UTF-32", 415),
        (TEXT.encode("utf-32-be"), "UTF-32", 415),
        (b"\x1f\x8b\x08\x00", "gzip", 415),
    ],
)
def test_a_body_of_another_kind_is_named(body: bytes, named: str, status: int) -> None:
    with pytest.raises(BodyRefused, match=named) as refused:
        check_text(body)
    assert refused.value.status == status


@pytest.mark.parametrize("body", [b"", b"\x00", b"{", b"\xff", "é".encode(), "é".encode("latin-1")])
def test_what_is_only_broken_is_named_nothing(body: bytes) -> None:
    check_text(body)
