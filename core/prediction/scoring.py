"""The typist: how many keys a model saves on a held-out text, and how well it predicts it.

Needs no screen. The rules are those of the design's measuring page: one key takes the whole ghost where it is right,
else one key takes its first word where that is right, else one key types one character.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.drafts.document import Document
from core.errors import UserError
from core.passed_over import PassedOver
from core.prediction.decoding import Options, complete
from core.prediction.predictor import Predictor
from core.prediction.replay import Reading, replay
from core.prediction.session import Session
from core.protocol import Latency, Score
from core.words import first_word, in_word

T = TypeVar("T")
GhostAt = Callable[[int], str]
"""The ghost that the app would show with the first n characters of the text before the cursor; empty for none."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
RESAMPLES = 2000
CHUNK = 64
"""Tokens read between two looks at what else is to be done."""
CONFIDENCE = 0.95
FEW_PARAGRAPHS = 5
"""A text with fewer is resampled line by line."""


@dataclass
class Typed:
    """What the typist did, key by key."""

    start: int
    """Where typing began, in characters."""
    places: list[int] = field(default_factory=list[int])
    """Where each key was pressed, in characters."""
    milliseconds: list[float] = field(default_factory=list[float])
    """How long the ghost before each key took."""
    ghosts_shown: int = 0
    """Keys before which a ghost was shown."""
    wrong_first_words: int = 0
    """Ghosts of those whose first word was not what came."""
    typed_characters: int = 0
    """Keys that typed one character."""
    end: int = 0
    """Where typing ended, in characters."""

    @property
    def keys(self) -> int:
        """Keys pressed."""
        return len(self.places)

    @property
    def characters(self) -> int:
        """Characters that are there for these keys."""
        return self.end - self.start

    @property
    def keys_saved(self) -> float:
        """1 - keys / characters."""
        return 1 - self.keys / self.characters if self.characters else 0.0


def is_right(offer: str, text: str, at: int) -> bool:
    """Whether `text` goes on with `offer` at `at`, and is at the end of a word there where the offer ends in one."""
    if not offer or not text.startswith(offer, at):
        return False
    after = text[at + len(offer) : at + len(offer) + 1]
    return not (in_word(offer[-1]) and after and in_word(after))


def type_through(
    text: str, ghost_at: GhostAt, start: int = 0, end: int | None = None
) -> Generator[int, None, Typed]:
    """Type `text` from `start` to `end`; yields the place after each key, for a caller to report or stop."""
    end = len(text) if end is None else end
    typed = Typed(start, end=start)
    while typed.end < end:
        began = time.perf_counter()
        ghost = ghost_at(typed.end)
        typed.milliseconds.append((time.perf_counter() - began) * 1000)
        taken = _taken(ghost, text, typed.end, end)
        if ghost:
            typed.ghosts_shown += 1
            typed.wrong_first_words += not is_right(first_word(ghost), text, typed.end)
        typed.typed_characters += taken == 0
        typed.places.append(typed.end)
        typed.end += max(taken, 1)
        yield typed.end
    return typed


def _taken(ghost: str, text: str, at: int, end: int) -> int:
    """Characters that one key takes from the ghost; 0 where a character has to be typed."""
    for offer in (ghost, first_word(ghost)):
        if 2 <= len(offer) <= end - at and is_right(offer, text, at):
            return len(offer)
    return 0


def paragraph_starts(text: str, start: int, end: int) -> list[int]:
    """Where each paragraph begins: after blank lines, or after line ends where blank lines are few."""
    marks = [match.end() for match in _PARAGRAPH.finditer(text, start, end)]
    if len(marks) < FEW_PARAGRAPHS - 1:
        marks = [index + 1 for index in range(start, end) if text[index] == "\n"]
    return [start, *(mark for mark in marks if start < mark < end)]


def interval(typed: Typed, starts: Sequence[int], seed: int = 0) -> list[float]:
    """A bootstrap interval of the keys saved: paragraphs are drawn with replacement, with their keys and length.

    `starts` as from paragraph_starts(). A paragraph's keys are those pressed in it. The percentile interval of
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3. Of fewer than FEW_PARAGRAPHS it
    would promise too much: all that can be said is 0 to 1.
    """
    if not typed.keys or len(starts) < FEW_PARAGRAPHS:
        return [0.0, 1.0]
    edges = np.asarray(starts)
    places = np.asarray(typed.places)
    owner = np.searchsorted(edges, places, side="right") - 1
    widths = np.diff(np.append(places, typed.end))
    keys = np.bincount(owner, minlength=len(edges)).astype(np.float64)
    characters = np.bincount(owner, weights=widths, minlength=len(edges))
    drawn = np.random.default_rng(seed).integers(len(edges), size=(RESAMPLES, len(edges)))
    totals = characters[drawn].sum(axis=1)
    saved = 1 - keys[drawn].sum(axis=1)[totals > 0] / totals[totals > 0]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(saved, [tail, 1 - tail])
    return [round(float(low), 5), round(float(high), 5)]


def latency(milliseconds: Sequence[float]) -> Latency:
    """Median and 95th percentile; None where nothing was timed."""
    if not milliseconds:
        return {"median": None, "p95": None}
    median, high = np.quantile(np.asarray(milliseconds), [0.5, 0.95])
    return {"median": round(float(median), 3), "p95": round(float(high), 3)}


def text_bits(predictor: Predictor, text: str, start: int, end: int) -> Generator[int, None, float]:
    """-log2 of the probability of text[start:end] after what precedes it; yields the tokens read so far.

    One stream from the document boundary on, its state carried all the way, and with it the memory of the text so
    far that a draft has. A model that was trained on folded text is measured on folded text.
    """
    bits, read, told = 0.0, 0, 0
    for word in replay(predictor, text[start:end], text[:start]):
        if word.within:
            bits += _bits(word)
        read += len(word.ids)
        if read - told >= CHUNK:
            told = read
            yield read
    return bits


def texts_bits(predictor: Predictor, texts: Iterable[str]) -> float:
    """Return the bits of whole texts, each by itself (`text_bits`)."""
    return float(bits_of_words(predictor, texts).sum())


def bits_of_words(predictor: Predictor, texts: Iterable[str]) -> npt.NDArray[np.float64]:
    """Return the bits of each word of whole texts, each text by itself (`text_bits`)."""
    return np.array([_bits(word) for text in texts for word in replay(predictor, text)], np.float64)


def _bits(word: Reading) -> float:
    """-log2 of the probability of a word."""
    chances = word.predictor.chances(word.model, word.states, word.ids)
    return -float(np.log2(chances).sum(dtype=np.float64))


def finish(work: Generator[object, None, T]) -> T:
    """Do all of what may be stopped between its steps, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


class AppGhost:
    """The ghost that the app would show while a text is typed, through the same session and decoding.

    The typist looks at each of them: a word that was typed past is not offered again, unless `again` says so.
    """

    def __init__(
        self,
        predictor: Predictor,
        text: str,
        start: int,
        eagerness: float,
        words: int,
        *,
        again: bool = False,
    ) -> None:
        self._text = text
        self._document = Document(text[:start])
        self._at = start
        self._session = Session(predictor, self._document)
        self._options = Options(eagerness=eagerness, words=words)
        self._passed = PassedOver(look=math.inf if again else 0)

    def __call__(self, at: int) -> str:
        """The ghost with text[:at] before the cursor; `at` never goes back."""
        end = self._document.end
        if at > self._at:
            added = self._text[self._at : at]
            self._document.apply(end, end, added)
            self._at, end = at, self._document.end
            if len(added) > 1:
                self._passed.forget()  # it was taken
            else:
                self._passed.typed(added)
        options = replace(self._options, passed=self._passed.words)
        ghost = complete(self._session.context(end), options).ghost
        self._passed.offered(ghost)
        return ghost


@dataclass(frozen=True)
class Progress:
    """How far a scoring is, in characters."""

    done: int
    of: int


def score_text(
    predictor: Predictor,
    text: str,
    *,
    file: str,
    model: str,
    start: int = 0,
    chars: int | None = None,
    eagerness: float = 0.0,
    words: int = 6,
    again: bool = False,
) -> Generator[Progress, None, Score]:
    """Score text[start : start + chars]; the first `start` characters are context alone.

    Yields after each key and each stretch read, so that the caller can report, answer others or stop. What the model
    learns while it is being scored: the memory of the draft, which begins anew with each text. `again` offers words
    again that the typist saw and typed past.

    Raises:
        UserError: when nothing is left to type.
    """
    end = len(text) if chars is None else min(len(text), start + chars)
    if end <= start:
        raise UserError(f"{file} has {len(text):,} characters: nothing to score after the first {start:,}")
    reading = text_bits(predictor, text, start, end)
    typing = type_through(text, AppGhost(predictor, text, start, eagerness, words, again=again), start, end)
    bits = yield from _told(reading, lambda _: Progress(0, end - start))
    typed = yield from _told(typing, lambda at: Progress(at - start, end - start))
    return report(typed, text, bits=bits, file=file, model=model, eagerness=eagerness, again=again)


def _told(work: Generator[int, None, T], tell: Callable[[int], Progress]) -> Generator[Progress, None, T]:
    while True:
        try:
            yield tell(next(work))
        except StopIteration as end:
            return end.value


def report(
    typed: Typed, text: str, *, bits: float, file: str, model: str, eagerness: float, again: bool = False
) -> Score:
    """The design's report on one text; `bits` is the text's total."""
    shown = typed.ghosts_shown
    return {
        "file": file,
        "model": model,
        "characters": typed.characters,
        "bits_per_character": round(bits / typed.characters, 4),
        "keys_saved": round(typed.keys_saved, 5),
        "interval": interval(typed, paragraph_starts(text, typed.start, typed.end)),
        "ghosts_shown": shown,
        "wrong_first_word": round(typed.wrong_first_words / shown, 5) if shown else 0.0,
        "latency_ms": latency(typed.milliseconds),
        "keys": typed.keys,
        "eagerness": eagerness,
        "start": typed.start,
        "ghosts_per_typed_character": round(shown / max(typed.typed_characters, 1), 5),
        "learning": "the draft's own words and phrases, from nothing at the start of each text; nothing else",
        "again": again,
    }
