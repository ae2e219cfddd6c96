"""The typist's rules, and the two trivial typists that guard the meter."""

import math
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.drafts.document import Document
from core.errors import UserError
from core.prediction.decoding import Options, complete
from core.prediction.predictor import Predictor
from core.prediction.scoring import (
    AppGhost,
    Typed,
    finish,
    interval,
    is_right,
    paragraph_starts,
    score_text,
    text_bits,
    type_through,
)
from core.prediction.session import Session
from core.words import first_word
from models.checkpoint import Checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer


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
        ("harbour, and", "harbour"),
        ("\u201cyes\u201d", "\u201c"),
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


def test_of_a_few_lines_no_interval_is_promised() -> None:
    text = "one two three\n" * 3
    assert interval(typed(text, oracle(text)), paragraph_starts(text, 0, len(text))) == [0, 1]


def test_the_interval_is_the_same_each_time() -> None:
    text = "one two three\n" * 9
    result = typed(text, oracle(text))
    starts = paragraph_starts(text, 0, len(text))
    assert interval(result, starts) == interval(result, starts)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    torch.manual_seed(2)
    tokenizer = train_tokenizer(["the harbour and the light and the boats " * 9], "subword", 290)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=16, layers=2, dropout=0))
    return Predictor(Checkpoint(model.eval(), tokenizer, {}, Path()))


@pytest.mark.parametrize("start", [0, 7])
def test_bits_are_those_of_the_whole_sequence_at_once(predictor: Predictor, start: int) -> None:
    text = "the light and\nthe boats: žluť " * 30
    torch.manual_seed(2)
    model = RecurrentLanguageModel(
        ModelConfig(predictor.tokenizer.size, hidden=16, layers=2, dropout=0)
    ).eval()
    before, after = (predictor.tokenizer.encode(part) for part in (text[:start], text[start:]))
    ids = torch.tensor([0, *before, *after])
    with torch.no_grad():
        logits, _ = model(ids[:-1].unsqueeze(1))
    expected = torch.log_softmax(logits[:, 0].double(), -1)[range(len(ids) - 1), ids[1:]][len(before) :]
    alone = finish(text_bits(Predictor.of(predictor.stepper, predictor.tokenizer), text, start, len(text)))
    assert alone == pytest.approx(-expected.sum().item() / math.log(2), rel=1e-4)
    assert (
        finish(text_bits(predictor, text, start, len(text))) < alone / 2
    )  # the draft says it again and again


def test_the_report_is_of_the_app_s_own_ghosts(predictor: Predictor) -> None:
    text = "the light and the boats. " * 4
    work = score_text(predictor, text, file="it", model="tiny", start=10, chars=40, eagerness=0.2)
    score = finish(work)
    assert (score["characters"], score["start"], score["eagerness"]) == (40, 10, 0.2)
    document = Document()
    session = Session(predictor, document)

    def ghost_at(at: int) -> str:
        document.apply((0, 0), document.end, text[:at])
        return complete(session.context(document.end), Options(eagerness=0.2)).ghost

    expected = typed(text, ghost_at, 10, 50)
    assert score["keys"] == expected.keys
    assert score["ghosts_shown"] == expected.ghosts_shown
    assert score["keys_saved"] == pytest.approx(expected.keys_saved, abs=1e-5)


def test_nothing_to_type_is_said(predictor: Predictor) -> None:
    with pytest.raises(UserError, match="letter has 3 characters"):
        next(score_text(predictor, "abc", file="letter", model="tiny", start=3))


def test_a_word_that_was_typed_past_is_not_offered_again(counting: Callable[..., Predictor]) -> None:
    text = "The cat sat on the mat, and the cabin and the month."
    predictor = counting("subword")
    ghost_at = AppGhost(predictor, text, 20, 0.0, 6)
    document = Document(text[:20])
    session = Session(predictor, document)
    past = 0
    before = first_word(ghost_at(20))
    for at in range(21, len(text)):
        document.apply(document.end, document.end, text[at - 1])
        offered = first_word(ghost_at(at))
        if len(before) > 1 and before[0] == text[at - 1]:
            assert offered != before[1:]
            past += first_word(complete(session.context(document.end)).ghost) == before[1:]
        before = offered
    assert past  # it would have been offered to who had not seen it
