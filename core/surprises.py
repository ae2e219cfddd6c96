"""How surprising the words of a draft are, line by line, kept as long as they hold.

Needs no screen and no torch. A line's surprises depend on the line and on what the engine reads before it, so they are
kept by both: after an edit only the lines near it are asked for again.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

CONTEXT: Final = 2000
"""Characters before a line that its surprises depend on: what the engine reads before a stretch."""
STRETCH: Final = 40_000
"""Characters of a stretch that is asked for at once, about: what is waited for when one looks elsewhere meanwhile."""
LEVELS: Final = (6.0, 10.0, 15.0, 20.0)
"""Bits from which on a word is shown as more surprising; a typical one has 8."""
STANDS_OUT: Final = 1.5
"""Standard deviations above the mean from which on a word is a peak."""


@dataclass(frozen=True)
class Word:
    """A word of a line and its surprise."""

    start: int
    """Its first column."""
    end: int
    """The column behind it."""
    bits: float
    """-log2 of its probability after all that stands before it."""

    @property
    def level(self) -> int:
        """How strongly it is shown, from 0 (it was expected) to 4."""
        return sum(self.bits >= least for least in LEVELS)


Place = tuple[int, int]
"""Row and column."""


class Surprises:
    """The surprises of a draft as far as they are known."""

    def __init__(self) -> None:
        self._lines: Sequence[str] = ()
        self._keys: list[int] = []
        self._known: dict[int, tuple[Word, ...]] = {}

    def follow(self, lines: Sequence[str]) -> None:
        """Take the draft as it is now; what is not of it is forgotten."""
        self._lines, self._keys = lines, []
        first = length = 0
        for row, line in enumerate(lines):
            length += len(line) + 1
            while length - len(lines[first]) - 1 >= CONTEXT + len(line) + 1:
                length -= len(lines[first]) + 1
                first += 1
            self._keys.append(hash(tuple(lines[first : row + 1])))
        known, self._known = self._known, {}
        for key in self._keys:
            if key in known:
                self._known[key] = known[key]

    def forget(self) -> None:
        """Forget all, because another model is asked."""
        self._known.clear()

    def words(self, row: int) -> tuple[Word, ...] | None:
        """The words of a line in their order; None where nobody knows yet."""
        if row >= len(self._keys):
            return None
        return self._known.get(self._keys[row], None if self._lines[row].strip() else ())

    def learn(self, row: int, words: Sequence[Word]) -> None:
        """Take the words of a line."""
        self._known[self._keys[row]] = tuple(words)

    def stretch(self, first: int) -> tuple[int, int] | None:
        """The rows of the next stretch to ask for: from row `first` on, else from the start; None if all is known."""
        for low, high in ((first, len(self._lines)), (0, first)):
            for row in range(low, min(high, len(self._lines))):
                if self.words(row) is None:
                    return row, self._last(row, min(high, len(self._lines)))
        return None

    def _last(self, first: int, end: int) -> int:
        last, length = first, len(self._lines[first])
        for row in range(first + 1, end):
            if self.words(row):
                break
            length += len(self._lines[row])
            if length > STRETCH:
                break
            if self._lines[row].strip():
                last = row
        return last

    def known(self) -> Iterator[tuple[int, Word]]:
        """All words that are known, with their rows."""
        for row in range(len(self._lines)):
            for word in self.words(row) or ():
                yield row, word

    @property
    def share(self) -> float:
        """How much of the draft is known, 0 to 1, by characters."""
        whole = sum(map(len, self._lines))
        return sum(len(line) for row, line in enumerate(self._lines) if self.words(row) is not None) / max(
            whole, 1
        )

    def mean(self) -> float | None:
        """Bits a word of what is known; None where nothing is."""
        bits = [word.bits for _, word in self.known()]
        return statistics.fmean(bits) if bits else None

    def peaks(self) -> list[tuple[int, Word]]:
        """The words that stand out: far above the mean, and not below a neighbour that does."""
        words = list(self.known())
        if len(words) < 2:
            return words
        bits = [word.bits for _, word in words]
        least = statistics.fmean(bits) + STANDS_OUT * statistics.pstdev(bits)
        padded = [0.0, *bits, 0.0]
        above = [one <= bit for one, bit in pairwise(padded)][: len(bits)]
        below = [other < bit for bit, other in pairwise(padded[1:])]
        return [
            item
            for item, bit, over, under in zip(words, bits, above, below, strict=True)
            if bit > least and over and under
        ]

    def at(self, place: Place) -> Word | None:
        """The word at a place, or directly before it."""
        words = self.words(place[0]) or ()
        return next((word for word in words if word.start <= place[1] <= word.end), None)
