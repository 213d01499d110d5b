"""Cursors come back as they went out, or not at all."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rest.cursors import decode_cursor, encode_cursor
from rest.errors import InvalidCursor

KEYS = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=3)


@given(KEYS)
def test_a_cursor_is_read_as_it_was_written(keys: list[int]) -> None:
    assert decode_cursor(encode_cursor("order", keys), "order", len(keys)) == tuple(keys)


@given(KEYS)
def test_a_cursor_of_another_order_or_width_is_refused(keys: list[int]) -> None:
    cursor = encode_cursor("order", keys)
    for order, width in (("other", len(keys)), ("order", len(keys) + 1)):
        with pytest.raises(InvalidCursor):
            decode_cursor(cursor, order, width)


@given(st.text() | st.text(alphabet=string.ascii_letters + string.digits + "-_="))
@example("")
@example("=")
@example("A" * 1000)
@example("\ud800")
def test_any_other_text_is_refused_and_never_a_fault(text: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(text, "order", 1)


@given(KEYS, st.integers(min_value=0), st.sampled_from(string.ascii_letters + string.digits))
def test_a_cursor_tampered_with_is_refused_or_is_one_that_could_have_been_written(
    keys: list[int], place: int, character: str
) -> None:
    cursor = encode_cursor("order", keys)
    place %= len(cursor)
    tampered = cursor[:place] + character + cursor[place + 1 :]
    try:
        read = decode_cursor(tampered, "order", len(keys))
    except InvalidCursor:
        return
    assert encode_cursor("order", read) == tampered
