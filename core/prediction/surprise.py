"""How little a model expected each word of a text.

Needs no screen.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.prediction.folding import fold_with_positions
from core.prediction.predictor import Predictor

BATCH = 256
"""Tokens whose probabilities are worked out at a time."""
_CHUNK = re.compile(r"(\s*)(\S+)")


@dataclass(frozen=True)
class Surprise:
    """A word and how unexpected it was."""

    start: int
    """Where it begins in the text, in code points."""
    end: int
    """Where it ends."""
    bits: float
    """-log2 of its probability after all that comes before it, a line end before it included; that a space comes
    before it is a part of what is predicted."""


def surprise(predictor: Predictor, before: str, text: str) -> Iterator[Surprise]:
    """Yield the words of a text in their order: runs of anything but white space in which there is a letter or digit.

    Where a line ends is no word's surprise.

    A caller that no longer wants the rest stops asking: work is done some hundred words at a time.

    Args:
        predictor: the model.
        before: what the model has read when the text begins.
        text: the text.
    """
    whole = before + text
    if predictor.folding:
        folded, positions = fold_with_positions(whole)
    else:
        folded, positions = whole, list(range(len(whole) + 1))
    state = predictor.start
    ids: list[int] = []
    words: list[tuple[int, int, int, int]] = []  # start, end, tokens before it, tokens until its end
    for match in _CHUNK.finditer(folded):
        tokens = predictor.encode(match.group())
        ends = predictor.encode(match[1]) if "\n" in match[1] else []
        first = len(ids) + (len(ends) if tokens[: len(ends)] == ends else 0)
        ids.extend(tokens)
        if any(character.isalnum() for character in match[2]):
            words.append((positions[match.start(2)], positions[match.end(2) - 1] + 1, first, len(ids)))
        if len(ids) >= BATCH:
            logs, state = predictor.score(ids, state)
            yield from _within(words, logs, len(before))
            ids, words = [], []
    if ids:
        logs, _ = predictor.score(ids, state)
        yield from _within(words, logs, len(before))


def _within(words: list[tuple[int, int, int, int]], logs: list[float], offset: int) -> Iterator[Surprise]:
    for start, end, first, last in words:
        if start >= offset:
            yield Surprise(start - offset, end - offset, -math.fsum(logs[first:last]) / math.log(2))
