"""The typist: how many keys a model saves on a held-out text, and how well it predicts it.

Needs no screen. The rules are those of the design's measuring page: one key takes the whole ghost where it is right,
else one key takes its first word where that is right, else one key types one character.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.protocol import Latency

if TYPE_CHECKING:
    pass

GhostAt = Callable[[int], str]
"""The ghost that the app would show with the first n characters of the text before the cursor; empty for none."""

_FIRST_WORD = re.compile(r"\s*(?:\w+(?:['’]\w+)*|[^\w\s]+|$)")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
RESAMPLES = 2000
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


def first_word(ghost: str) -> str:
    """The first word of a ghost, its leading white space included."""
    found = _FIRST_WORD.match(ghost)
    return found.group() if found else ghost


def is_right(offer: str, text: str, at: int) -> bool:
    """Whether `text` goes on with `offer` at `at`, and is at the end of a word there where the offer ends in one."""
    if not offer or not text.startswith(offer, at):
        return False
    after = text[at + len(offer) : at + len(offer) + 1]
    return not (_in_word(offer[-1]) and after and _in_word(after))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


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
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    if not typed.keys:
        return [0.0, 0.0]
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
