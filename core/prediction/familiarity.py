"""Whether a text is of the kind that a model has learnt from: on one in another language its ghosts would be wrong.

Needs no screen. A language that a subword vocabulary was not made for falls into small pieces that rarely follow each
other, so the bits that a model's bigrams take for a letter tell languages apart within a few words, for next to no
time. What is usual is measured on text that was held out when the model was trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from models.memory import Memory

WINDOWS: tuple[int, ...] = (16, 32, 64)
"""Tokens with letters that are looked at, as many of the last as there are; fewer than the least tell nothing."""
REACH = 256
"""Tokens of any kind among which they are looked for."""
MOST_BITS = 20.0
"""What a token costs at most: one odd sign is no other language."""
RARE, USUAL = 99.9, 99.0
"""Percentiles of what windows of held-out text cost."""
MARGIN = 1.1
"""How far beyond the rarest that was held out a text may go: people write names, code and verse."""
REMEMBERED = 20_000
MEASURED = 600_000
"""Tokens of held-out text that are measured at most: documents differ, and what is rare is in few of them."""

Floats = npt.NDArray[np.float64]


class Familiarity:
    """Judges texts by a model's bigrams."""

    def __init__(
        self, memory: Memory, pieces: Sequence[bytes], limits: Mapping[str, Sequence[float]]
    ) -> None:
        """Take the bigrams, the bytes of each token, and what `fit_limits` found."""
        self._memory = memory
        self._pieces = pieces
        self._letters: dict[int, float] = {}
        self._rare = dict(zip(WINDOWS, limits["rare"], strict=True))
        self._usual = limits["usual"][0]
        self._known: dict[tuple[int, int], float] = {}

    def knows(self, ids: Sequence[int]) -> bool:
        """Say whether the last of some tokens are of a kind that the model has learnt from, or too few to tell."""
        bits: list[float] = []
        counts: list[float] = []
        for at in range(len(ids) - 1, max(0, len(ids) - REACH), -1):
            if count := self._letters_of(ids[at]):
                bits.append(self._bits(ids[at - 1], ids[at]))
                counts.append(count)
                if len(bits) == WINDOWS[-1]:
                    break
        window = max((size for size in WINDOWS if size <= len(bits)), default=None)
        if window is None or sum(bits[:window]) <= self._rare[window] * sum(counts[:window]):
            return True
        # After a quotation in another language the text is familiar again as soon as its last words are.
        last = WINDOWS[0]
        return sum(bits[:last]) <= self._usual * sum(counts[:last])

    def _letters_of(self, token: int) -> float:
        count = self._letters.get(token)
        if count is None:
            count = self._letters[token] = letters(self._pieces[token])
        return count

    def _bits(self, previous: int, token: int) -> float:
        pair = previous, token
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[pair] = bits_of(self._memory, previous, token)
        return known


def bits_of(memory: Memory, previous: int, token: int) -> float:
    """Return what a token costs after another."""
    return float(min(MOST_BITS, -np.log2(memory.bigram(previous, token))))


def letters(piece: bytes) -> float:
    """Return how many letters a token has; signs outside ASCII are taken for such, byte by byte."""
    ascii_letters = sum(chr(byte).isalpha() for byte in piece if byte < 0x80)
    return ascii_letters + sum(byte >= 0x80 for byte in piece) / 2


def fit_limits(
    memory: Memory, pieces: Sequence[bytes], tokens: npt.NDArray[np.integer[Any]]
) -> dict[str, list[float]] | None:
    """Measure what windows of a held-out text cost a letter; None where it is too short to tell.

    Returns:
        By window: `rare`, beyond which no text of the kind goes, and `usual`, below which nearly all of it is.
    """
    ids = [int(token) for token in tokens[:MEASURED]]
    each = [letters(piece) for piece in pieces]
    chosen = [at for at in range(1, len(ids)) if each[ids[at]]]
    if len(chosen) < 4 * WINDOWS[-1]:
        return None
    pairs = [(ids[at - 1], ids[at]) for at in chosen]
    costs_of = {pair: bits_of(memory, *pair) for pair in set(pairs)}
    bits = np.array([costs_of[pair] for pair in pairs])
    counts = np.array([each[ids[at]] for at in chosen])
    costs = [_windows(bits, size) / _windows(counts, size) for size in WINDOWS]
    return {
        "rare": [round(MARGIN * float(np.percentile(cost, RARE)), 3) for cost in costs],
        "usual": [round(float(np.percentile(cost, USUAL)), 3) for cost in costs],
    }


def _windows(values: Floats, size: int) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(values)))
    return sums[size:] - sums[:-size]


def widest(one: object, other: object) -> dict[str, list[float]] | None:
    """Return limits within which both kinds of text are: a model keeps what its parent knew."""
    found = [limits for limits in (limits_of(one), limits_of(other)) if limits is not None]
    if not found:
        return None
    return {
        name: [max(values) for values in zip(*(limits[name] for limits in found), strict=True)]
        for name in ("rare", "usual")
    }


def limits_of(value: object) -> dict[str, list[float]] | None:
    """Return the limits that a card gives; None where it gives none that can be used."""
    if not isinstance(value, Mapping):
        return None
    entries = cast("Mapping[str, object]", value)
    limits: dict[str, list[float]] = {}
    for name in ("rare", "usual"):
        numbers = entries.get(name)
        if not isinstance(numbers, list):
            return None
        limits[name] = [
            float(number)
            for number in cast("list[object]", numbers)
            if isinstance(number, int | float) and np.isfinite(number)
        ]
        if len(limits[name]) != len(WINDOWS):
            return None
    return limits
