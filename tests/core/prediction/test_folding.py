"""Folding leads to the plain forms and back, and knows where each character came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prediction.folding import PLAIN, Style, are_plain, fold, fold_with_positions, restore, style_of

TEXTS = st.text(st.sampled_from("ab .-'\"’‘“”—–…\u00a0\u200b\n") | st.characters(), max_size=30)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("He said, “I don’t”", 'He said, "I don\'t"'),
        ("word—word", "word - word"),
        ("word — word", "word - word"),
        ("word – word", "word - word"),
        ("1914–1918", "1914-1918"),
        ("word--word", "word - word"),
        ("a well-known rule\n\n---\n", "a well-known rule\n\n---\n"),
        ("—Yes", "- Yes"),
        ("yes—\nno", "yes -\nno"),
        ("wait…", "wait..."),
        ("no\u00a0break", "no break"),
        ("so\u00adft", "soft"),
        ("", ""),
    ],
)
def test_plain_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_dash_being_typed_folds_as_it_will_when_the_text_goes_on() -> None:
    for whole in ("it was—and", "it was — and", "it was -- and", "it was--and"):
        for end in range(whole.index("and"), len(whole) + 1):
            assert fold(whole[:end]) == "it was - and"[: len("it was - ") + end - whole.index("and")]


@given(TEXTS)
def test_positions(text: str) -> None:
    folded, positions = fold_with_positions(text)
    assert folded == fold(text)
    assert len(positions) == len(folded) + 1
    assert positions == sorted(positions)
    assert positions[-1] == len(text)
    for at, character in enumerate(folded):
        if character.isalnum() and character.isascii():
            assert text[positions[at]] == character


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("draft", "ghost", "shown"),
    [
        ("It’s", " what you don't", " what you don’t"),
        ("“It is", ' so," he said. "And', " so,” he said. “And"),
        ("one—two", " - and", "—and"),
        ("one — two", " - and", " — and"),
        ("one -- two", " - and", " -- and"),
        ("one - two—three - four", " - and", " - and"),
        ("well…", " then...", " then…"),
        ("\"It's", " what you don't - say...\"", " what you don't - say...\""),
    ],
)
def test_a_ghost_is_in_the_style_of_the_draft(draft: str, ghost: str, shown: str) -> None:
    assert restore(ghost, style_of(draft), draft) == shown


def test_quotes_open_after_white_space_and_at_the_beginning() -> None:
    style = Style(apostrophe=True, quotes=True)
    assert restore("\"'Tis", style, "") == "“‘Tis"
    assert restore('"', style, "no ") == "“"
    assert restore('"', style, "no") == "”"


@given(st.text(st.sampled_from("ab .-'\"\n"), max_size=30))
def test_plain_text_has_a_plain_style(text: str) -> None:
    if "--" not in text:
        assert style_of(text) == PLAIN


@given(st.lists(TEXTS, max_size=3))
def test_texts_that_folding_leaves_alone_are_plain(texts: list[str]) -> None:
    assert are_plain(texts) == all(fold(text) == text for text in texts)


def test_an_oversight_in_a_long_text_leaves_it_plain() -> None:
    assert are_plain(["word " * 4_000, "one — dash"])
    assert not are_plain(["word " * 400, "one — dash"])
