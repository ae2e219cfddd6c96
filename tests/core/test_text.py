"""Facts about text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import count_words, first_sentence, one_line, shown, strip_controls


@given(st.text())
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    for cleaned in (strip_controls(text), shown(text), one_line(text)):
        assert not any(ord(character) < 0x20 and character not in "\n\t" for character in cleaned)
        assert not any(0x7F <= ord(character) < 0xA0 for character in cleaned)
        cleaned.encode()  # no lone surrogates


@given(st.text())
def test_what_is_shown_keeps_its_columns(text: str) -> None:
    assert len(shown(text)) == len(text)
    assert len(one_line(text)) == len(text)


def test_ordinary_text_is_untouched() -> None:
    text = "Ünïcödé 👩‍👩‍👧 שלום — “yes”\n\tand more"
    assert strip_controls(text) == text
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), ("  \n", 0), ("one", 1), ("it's - a well-known\tfact.", 4), ("3 * 4", 2)]
)
def test_words_are_counted_as_a_person_would(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" was late. We went", " was late."),
        (" she said.” Then", " she said.”"),
        (" no end", " no end"),
        (" 3.5 of them. Yes", " 3.5 of them."),
        (" one\ntwo. three", " one"),
    ],
)
def test_the_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
