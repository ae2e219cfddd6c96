"""The typist's rules, and the two trivial typists that guard the meter."""

import random
import re
from collections.abc import Callable, Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.scoring import Typed, interval, is_right, paragraph_starts, type_through
from core.words import first_word


def finish(typing: Generator[Any, None, Typed]) -> Typed:
    while True:
        try:
            next(typing)
        except StopIteration as end:
            return end.value


def typed(text: str, ghost_at: Callable[[int], str], start: int = 0, end: int | None = None) -> Typed:
    return finish(type_through(text, ghost_at, start, end))


def oracle(text: str) -> Callable[[int], str]:
    def ghost_at(at: int) -> str:
        found = re.compile(r"\s*\S+").match(text, at)
        return found.group() if found else ""

    return ghost_at


words = st.text("abcdefg'é", min_size=2, max_size=9)
prose = st.lists(words, min_size=1, max_size=30).map(" ".join)


@given(st.text(min_size=1, max_size=100))
def test_who_is_never_offered_anything_saves_nothing(text: str) -> None:
    assert typed(text, lambda _: "").keys_saved == 0


@given(prose)
def test_who_is_always_offered_the_next_word_presses_a_key_a_word(text: str) -> None:
    result = typed(text, oracle(text))
    assert result.keys_saved == pytest.approx(1 - len(text.split()) / len(text))
    assert result.wrong_first_words == 0


@given(prose, st.integers(0, 2**32))
def test_every_character_is_accounted_for(text: str, seed: int) -> None:
    chance = random.Random(seed)

    def ghost_at(at: int) -> str:
        return text[at : at + chance.randrange(12)] if chance.random() < 0.5 else "xyz"[: chance.randrange(3)]

    result = typed(text, ghost_at)
    assert result.characters == len(text)
    assert result.end == len(text)
    assert 0 <= result.keys_saved < 1
    assert result.typed_characters <= result.keys <= len(text)


@pytest.mark.parametrize(
    ("text", "ghost", "keys"),
    [
        ("Anna went", "Anna went", 1),  # all of it
        ("Anna went", "Anna walked", 2 + 4),  # its first word, then " went" by hand
        ("Anna went", "Ann", 9),  # not at a word's end: nobody takes it
        ("ab", "a", 2),  # one character is not worth a key
        ("a b", "a b", 1),
        ("a c", "a b", 3),  # its first word is one character
    ],
)
def test_one_key_takes_the_ghost_or_its_first_word(text: str, ghost: str, keys: int) -> None:
    assert typed(text, lambda at: ghost if at == 0 else "").keys == keys


def test_nothing_is_taken_beyond_the_end() -> None:
    result = typed("one two three", oracle("one two three"), 3, 6)
    assert (result.start, result.end, result.keys) == (3, 6, 3)


@pytest.mark.parametrize(
    ("ghost", "word"),
    [
        ("otographs you sent", "otographs"),
        (" light falls", " light"),
        ("don't know", "don't"),
        (", and", ","),
        ("\n\nThe end", "\n\nThe"),
        ("  ", "  "),
        ("", ""),
        ("... so", "..."),
    ],
)
def test_the_first_word_has_its_leading_space(ghost: str, word: str) -> None:
    assert first_word(ghost) == word


def test_a_word_is_right_only_up_to_its_end() -> None:
    assert is_right("the", "the end", 0)
    assert not is_right("the", "there", 0)
    assert is_right("the ", "the end", 0)
    assert is_right("the", "the", 0)
    assert not is_right("", "the", 0)


def test_a_wrong_first_word_is_counted() -> None:
    result = typed("one two", lambda at: " too" if at == 3 else "")
    assert (result.ghosts_shown, result.wrong_first_words) == (1, 1)


def test_paragraphs_begin_after_blank_lines_or_lines() -> None:
    blank = "a\n\nb\n \nc\n\n\nd\n\ne"
    assert [blank[at] for at in paragraph_starts(blank, 0, len(blank))] == list("abcde")
    lines = "a\nb\nc"
    assert paragraph_starts(lines, 0, 5) == [0, 2, 4]
    assert paragraph_starts("abc", 1, 3) == [1]


def test_the_interval_holds_the_estimate_and_narrows_with_paragraphs() -> None:
    def width(paragraphs: int) -> float:
        chance = random.Random(1)
        lines = (" ".join("word" * chance.randint(1, 2) for _ in range(20)) for _ in range(paragraphs))
        text = "\n\n".join(lines)
        result = typed(text, lambda at: oracle(text)(at) if chance.random() < 0.4 else "")
        low, high = interval(result, paragraph_starts(text, 0, len(text)))
        assert low <= result.keys_saved <= high
        return high - low

    assert width(80) < width(8)


def test_the_interval_is_the_same_each_time() -> None:
    text = "one two three\n" * 9
    result = typed(text, oracle(text))
    starts = paragraph_starts(text, 0, len(text))
    assert interval(result, starts) == interval(result, starts)
