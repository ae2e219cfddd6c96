"""A text read as if it were being written: word by word, with a memory of the draft that grows behind the reader.

Needs no screen. It is how a gate is fitted to a text and how a text's bits are counted; what a session would
remember of the draft at each word is remembered here.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.prediction.passages import BEFORE, LONG
from core.prediction.predictor import Predictor, State
from models.blend import Lesson, Opinions
from models.draft import DraftMemory
from models.gate import Floats

BATCH = 64
"""Tokens that the network reads at a time."""
NO_OPINIONS = Opinions(None, None, None, None, 0)
_CHUNK = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Reading:
    """A word, the white space before it included, as it is about to be read."""

    predictor: Predictor
    """Asked about the draft so far."""
    model: Floats
    """The model's own probabilities before each of its tokens, (tokens, vocabulary)."""
    states: list[State]
    """The state before each."""
    ids: list[int]
    """Its tokens."""
    within: bool
    """Whether it is of the text, not of what comes before it."""


class _Draft:
    """The memory of what has been read: lines, the last one growing."""

    def __init__(self, vocabulary: int) -> None:
        self.memory = DraftMemory(vocabulary)
        self._line: list[int] = []
        self._characters = 0
        self._number: int | None = None
        self._earlier: deque[tuple[int, int]] = deque()  # numbers and characters of the lines before
        self._kept = 0

    def read(self, tokens: list[int], characters: int, *, new_line: bool) -> None:
        """Take in a word."""
        if self._number is not None and (new_line or self._characters > LONG):
            self._earlier.append((self._number, self._characters))
            self._kept += self._characters
            self._line, self._characters, self._number = [], 0, None
            while self._kept > BEFORE:
                number, length = self._earlier.popleft()
                self.memory.remove(number)
                self._kept -= length
        if self._number is not None:
            self.memory.remove(self._number)
        self._line += tokens
        self._characters += characters
        self._number = self.memory.add(self._line)


def replay(predictor: Predictor, text: str, before: str = "") -> Iterator[Reading]:
    """Yield the words of `before` and of a text, in their order, each before its draft's memory knows it.

    A model that was trained on folded text reads folded text.
    """
    draft = _Draft(predictor.stepper.vocabulary) if predictor.blend is not None else None
    asked = predictor.for_draft(draft.memory) if draft is not None else predictor
    state = predictor.start
    for within, part in ((False, before), (True, text)):
        for words in _batches(predictor, predictor.fold(part)):
            ids = [token for word in words for token in word.ids]
            model, states = asked.read(ids, state)
            state = states[-1]
            at = 0
            for word in words:
                here = slice(at, at + len(word.ids))
                yield Reading(asked, model[here], states[here], word.ids, within)
                at = here.stop
                if draft is not None and (line := word.text.rpartition("\n")[2]).strip():
                    draft.read(predictor.encode(line), len(line), new_line="\n" in word.text)


@dataclass(frozen=True)
class _Word:
    text: str
    ids: list[int]


def _batches(predictor: Predictor, text: str) -> Iterator[list[_Word]]:
    words: list[_Word] = []
    tokens = 0
    for match in _CHUNK.finditer(text):
        words.append(_Word(match.group(), predictor.encode(match.group())))
        tokens += len(words[-1].ids)
        if tokens >= BATCH:
            yield words
            words, tokens = [], 0
    if words:
        yield words


def learn_from(predictor: Predictor, text: str) -> Lesson:
    """Return what the experts make of a text that none of them has learnt from."""
    features: list[Floats] = []
    experts: list[Floats] = []
    for reading in replay(predictor, text):
        opinions = reading.predictor.opinions(reading.model, reading.states)
        if opinions is None:
            opinions = NO_OPINIONS
        features.append(opinions.features(reading.model))
        experts.append(opinions.experts(reading.model, np.asarray(reading.ids, np.int64)))
    return Lesson(np.concatenate(features), np.concatenate(experts))
