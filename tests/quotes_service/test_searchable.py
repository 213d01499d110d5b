"""What counts as the same when a quote is searched, in any script."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quotes_service.search.searchable import fold, search_words, searchable_text


def found(search: str, title: str, author: str = "") -> bool:
    text = searchable_text(title, author)
    return all(word in text for word in search_words(search))


@pytest.mark.parametrize(
    ("search", "title"),
    [
        ("emile", "Émile"),
        ("ÉMILE", "émile"),
        ("café", "Cafe\u0301 noir"),
        ("Cafe\u0301", "café noir"),
        ("strasse", "Die Straße"),
        ("STRAßE", "strasse"),
        ("ПРИВЕТ", "привет, мир"),
        ("еж", "Ёжик"),
        ("мои", "мой"),
        ("σοφος", "ΣΟΦΌΣ"),
        ("isik", "Iş\u0131k"),
        ("ISTANBUL", "İstanbul"),
        ("محمد", "مُحَمَّد"),
        ("שלום", "שָׁלוֹם"),
        ("fine full", "\ufb01ne \uff26\uff55\uff4c\uff4c"),
        ("cooperate", "co\u00adoper\u200date"),
        ("❤", "I ❤\ufe0f it"),
        ("हिन्दी", "यह हिन्दी है"),
        ("七", "七転び八起き"),
        ("八起", "七転び八起き"),
        ("転び八起", "七転び八起き"),
        ("한", "한국어"),
        ("100%", "100% of_it"),
        ("_", "of_it"),
        ("\"'\\", "a\"'\\b"),
        ("be", "Beckett"),
    ],
)
def test_a_word_is_found_however_it_is_written(search: str, title: str) -> None:
    assert found(search, title)
    assert found(search, "Said by:", title[:100])


@pytest.mark.parametrize(
    ("search", "title"),
    [
        ("か", "が"),
        ("하", "한국"),
        ("हान", "हीन"),
        ("o", "ø"),
        ("七八", "七転び八起き"),
        ("at an", "cat"),
        ("%", "100"),
    ],
)
def test_another_letter_is_another_word(search: str, title: str) -> None:
    assert not found(search, title)


def test_words_are_found_in_any_order_in_text_and_author() -> None:
    quote = ("We have to fear fear itself.", "Franklin D. Roosevelt")
    assert found("roosevelt  FEAR\u2003fear", *quote)
    assert not found("roosevelt hope", *quote)
    assert not found("itself.franklin", *quote)


def test_a_search_without_letters_asks_for_nothing() -> None:
    assert search_words(" \u0301 \u00b4\u200d ") == []


def test_words_that_others_hold_are_not_looked_for_twice() -> None:
    assert search_words("be beck BECK beckett") == ["beckett"]


@given(st.text(max_size=40))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    for same in (
        text.upper(),
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
    ):
        if fold(same.lower()) != folded:
            # Some letters have a capital that is another letter's, too: they find more, not less.
            assert fold(same).casefold() == fold(same)


@given(st.text(min_size=1, max_size=20), st.data())
def test_any_part_of_a_word_finds_it(text: str, data: st.DataObject) -> None:
    words = fold(text).split()
    assume(words)
    word = data.draw(st.sampled_from(words))
    start = data.draw(st.integers(0, len(word) - 1))
    end = data.draw(st.integers(start + 1, len(word)))
    part = word[start:end]
    assert found(part, text) or fold(part) != part
