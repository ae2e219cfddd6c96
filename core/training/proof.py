"""What a training brought, on text of the user's own that neither model has learnt from: before and after.

Needs no screen. Both models are measured on the same held-out pieces: bits per character over all of them, keys saved
by the typist over as much as there is time for. The interval is of the difference, from resampling paragraphs that
both typed, so that what makes a paragraph hard for both does not widen it.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.prediction.predictor import Predictor
from core.prediction.scoring import (
    CONFIDENCE,
    RESAMPLES,
    AppGhost,
    Typed,
    bits_of_words,
    paragraph_starts,
    type_through,
)

PIECE = 600
"""Characters of a piece that are typed; the pieces are spread over the held-out text."""
CONTEXT = 1_000
"""Characters before a piece that are read first, as they would be in the app."""
MEASURED = 20_000
"""Characters over which bits per character are measured at most."""
WORDS = 6
"""Words that a ghost may have, as in the app."""

NORMAL = 1.96
"""Standard deviations on each side that hold 95 % of a normal distribution."""

Floats = npt.NDArray[np.float64]
_SENTENCE = re.compile(r"[.!?…][^\w\s]*\s+")


@dataclass(frozen=True)
class Measure:
    """What one model was measured to do."""

    bits_per_character: float
    """Bits per character over the measured text."""
    keys_saved: float | None
    """Share of keys saved over the typed text; None where nothing was typed."""


@dataclass(frozen=True)
class Proof:
    """Two models on the same held-out text, or one where there is none to compare it with."""

    characters: int
    """Characters that bits per character were measured over."""
    typed: int
    """Characters that were typed for the keys saved."""
    before: Measure | None
    """The model that the training started from."""
    after: Measure
    """The model that it made."""
    difference: tuple[float, float] | None
    """The interval of the difference in keys saved, at 95 %."""
    gained: tuple[float, float] | None = None
    """The interval of the bits per character gained, at 95 %."""

    @property
    def better(self) -> bool:
        """Whether the trained model is to be used: it is seen to predict better, and not to save fewer keys."""
        if self.before is None:
            return True
        if not self.after.bits_per_character < self.before.bits_per_character:
            return False
        if self.gained is not None and self.gained[0] <= 0:
            return False
        return self.difference is None or self.difference[1] >= 0

    def as_json(self) -> dict[str, Any]:
        """Return it as a card says it."""
        return asdict(self)


@dataclass(frozen=True)
class Piece:
    """A part of a held-out document: what is read first, and what is typed."""

    text: str
    start: int
    end: int


def prove(
    texts: Sequence[str],
    after: Predictor,
    before: Predictor | None,
    *,
    seconds: float,
    characters: int,
    tell: Callable[[float], None] = lambda fraction: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Proof:
    """Measure two models, or one, on held-out texts.

    Args:
        texts: whole documents, at least one that is not empty.
        after: the model that was trained.
        before: the one it started from.
        seconds: time for the typing; the piece that is under way when it has passed is finished.
        characters: characters to type at most; 0 types none.
        tell: hears how far it is, 0 to 1.
        stopped: asked before each key; when it says so, the piece under way does not count and no further one is typed.
    """
    measured = _shortened(texts)
    models = [after] if before is None else [before, after]
    bits = [bits_of_words(model, measured) for model in models]
    total = sum(map(len, measured))
    keys: list[list[Floats]] = [[] for _ in models]
    lengths: list[Floats] = []
    typed, deadline = 0, time.monotonic() + seconds
    chosen = pieces(texts, characters) if characters else []
    random.Random(0).shuffle(chosen)  # what there is time for is from all over the text
    for index, piece in enumerate(chosen):
        if stopped() or (index and time.monotonic() > deadline):
            break
        starts = _unit_starts(piece)
        pressed = [_keys(model, piece, starts, stopped) for model in models]
        if stopped():
            break
        for counted, presses in zip(keys, pressed, strict=True):
            counted.append(presses)
        lengths.append(np.diff(np.asarray([*starts, piece.end], np.float64)))
        typed += piece.end - piece.start
        tell((index + 1) / len(chosen))
    saved = [1 - sum(map(np.sum, counted)) / typed if typed else None for counted in keys]
    measures = [
        Measure(round(float(each.sum()) / total, 4), None if share is None else round(float(share), 5))
        for each, share in zip(bits, saved, strict=True)
    ]
    if before is None:
        return Proof(total, typed, None, measures[0], None)
    difference = difference_interval(keys[0], keys[1], lengths) if typed else None
    return Proof(total, typed, measures[0], measures[1], difference, _gained(bits[0] - bits[1], total))


def _gained(words: Floats, characters: int) -> tuple[float, float]:
    """The interval of the bits per character that are gained, at 95 %, from the bits gained on each word.

    The normal one, of a sum: words of held-out text are many, and what is gained on one says little of the next.
    """
    around, spread = float(words.sum()), NORMAL * math.sqrt(len(words)) * float(words.std())
    return round((around - spread) / characters, 5), round((around + spread) / characters, 5)


def pieces(texts: Sequence[str], characters: int) -> list[Piece]:
    """Pieces of PIECE characters, about `characters` in all, evenly spread; each begins where a line does."""
    total = sum(map(len, texts))
    count, length = max(1, min(characters, total) // PIECE), min(PIECE, characters)
    chosen: list[Piece] = []
    before = 0
    for text in texts:
        # Each document has the pieces whose even places over all text fall into it.
        first, last = -(-before * count // total), -(-(before + len(text)) * count // total)
        room = len(text) // max(1, last - first)
        for number in range(last - first):
            start = _line_start(text, number * room, room // 2)
            end = min(len(text), start + length, (number + 1) * room)
            if text[start:end].strip():
                context = max(0, start - CONTEXT)
                chosen.append(Piece(text[context:end], start - context, end - context))
        before += len(text)
    return chosen or [Piece(text[:length], 0, len(text[:length])) for text in texts[:1]]


def _line_start(text: str, at: int, reach: int) -> int:
    """Where the paragraph or line after `at` begins, if it is within reach."""
    if at == 0:
        return 0
    found = text.find("\n", at, at + reach)
    while 0 <= found < len(text) and text[found] == "\n":
        found += 1
    return found if 0 <= found < len(text) else at


def _unit_starts(piece: Piece) -> list[int]:
    """Where what is resampled begins: paragraphs, or sentences where a piece has one paragraph only."""
    starts = paragraph_starts(piece.text, piece.start, piece.end)
    if len(starts) > 1:
        return starts
    sentences = (match.end() for match in _SENTENCE.finditer(piece.text, piece.start, piece.end))
    return [piece.start, *(start for start in sentences if piece.start < start < piece.end)]


def _shortened(texts: Sequence[str]) -> list[str]:
    """The beginnings of all texts, MEASURED characters at most in all."""
    total = sum(map(len, texts))
    if total <= MEASURED:
        return list(texts)
    return [text[: max(1, len(text) * MEASURED // total)] for text in texts]


def _keys(model: Predictor, piece: Piece, starts: Sequence[int], stopped: Callable[[], bool]) -> Floats:
    """Keys that the typist presses in each paragraph of a piece, as far as it is not stopped."""
    typing = type_through(
        piece.text, AppGhost(model, piece.text, piece.start, 0.0, WORDS), piece.start, piece.end
    )
    typed = Typed(piece.start)
    while not stopped():
        try:
            next(typing)
        except StopIteration as end:
            typed = end.value
            break
    owner = np.searchsorted(np.asarray(starts), np.asarray(typed.places), side="right") - 1
    return np.bincount(owner, minlength=len(starts)).astype(np.float64)


def difference_interval(
    before: Sequence[Floats], after: Sequence[Floats], lengths: Sequence[Floats]
) -> tuple[float, float]:
    """The bootstrap interval of the share of keys that `after` saves more, from paragraphs drawn with replacement.

    The percentile interval of Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3; as both
    typed the same paragraphs, their difference is what is resampled.
    """
    gained = np.concatenate(before) - np.concatenate(after)
    characters = np.concatenate(lengths)
    drawn = np.random.default_rng(0).integers(len(gained), size=(RESAMPLES, len(gained)))
    shares = gained[drawn].sum(1) / np.maximum(characters[drawn].sum(1), 1.0)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares, [tail, 1 - tail])
    return round(float(low), 5), round(float(high), 5)
