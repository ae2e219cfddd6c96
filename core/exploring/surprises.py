"""How surprising the words of a draft are, line by line, kept as long as they hold.

Needs no screen and no torch. A line's surprises depend on the line and on what the engine reads before it, so they are
kept by both: after an edit only the lines near it are asked for again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.protocol import SURPRISE_CONTEXT

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
    """The surprises of a draft as far as they are known. Learning a line costs that line, whatever the draft's size."""

    def __init__(self) -> None:
        self._lines: Sequence[str] = ()
        self._keys: list[int] = []
        self._known: dict[int, tuple[Word, ...]] = {}
        self._sums = (0, 0.0, 0.0)  # words, their bits, the squares of these
        self._characters = 0, 0  # in lines that are known, and in all

    def follow(self, lines: Sequence[str]) -> None:
        """Take the draft as it is now; what is not of it is forgotten."""
        self._lines, self._keys = lines, []
        first = length = 0
        for row, line in enumerate(lines):
            length += len(line) + 1
            while length - len(lines[first]) - 1 >= SURPRISE_CONTEXT + len(line) + 1:
                length -= len(lines[first]) + 1
                first += 1
            self._keys.append(hash(tuple(lines[first : row + 1])))
        known, self._known = self._known, {}
        self._sums = (0, 0.0, 0.0)
        self._characters = 0, sum(map(len, lines))
        for row, key in enumerate(self._keys):
            if key in known:
                self.learn(row, known[key])
            elif not lines[row].strip():
                self.learn(row, ())

    def forget(self) -> None:
        """Forget all, because another model is asked."""
        self._known.clear()
        self.follow(self._lines)

    def words(self, row: int) -> tuple[Word, ...] | None:
        """The words of a line in their order; None where nobody knows yet."""
        return self._known.get(self._keys[row]) if row < len(self._keys) else None

    def learn(self, row: int, words: Sequence[Word]) -> None:
        """Take the words of a line; one that is known stays as it is."""
        if self._keys[row] in self._known:
            return
        self._known[self._keys[row]] = tuple(words)
        count, total, squares = self._sums
        for word in words:
            count, total, squares = count + 1, total + word.bits, squares + word.bits**2
        self._sums = count, total, squares
        self._characters = self._characters[0] + len(self._lines[row]), self._characters[1]

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
            if self.words(row) is None:
                last = row
        return last

    @property
    def share(self) -> float:
        """How much of the draft is known, 0 to 1, by characters."""
        known, whole = self._characters
        return min(1.0, known / whole) if whole else 1.0

    @property
    def mean(self) -> float | None:
        """Bits a word of what is known; None where nothing is."""
        count, total, _ = self._sums
        return total / count if count else None

    @property
    def outstanding(self) -> float:
        """Bits above which a word stands out."""
        count, total, squares = self._sums
        if not count:
            return math.inf
        mean = total / count
        return mean + STANDS_OUT * math.sqrt(max(0.0, squares / count - mean**2)) + 1e-9

    def peaks(self, row: int) -> list[Word]:
        """The words of a line that stand out: far above the mean, and not below a neighbour that does."""
        words, least = self.words(row) or (), self.outstanding
        bits = [0.0, *(word.bits for word in words), 0.0]
        return [
            word
            for at, word in enumerate(words, 1)
            if bits[at] > least and bits[at - 1] <= bits[at] and bits[at + 1] < bits[at]
        ]

    def next_peak(self, place: Place, by: int) -> Place | None:
        """Where the next peak after a place begins (1), or the one before it (-1); from the last on to the first."""
        count = len(self._keys)
        for step in range(count + 1):
            row = (place[0] + by * step) % count
            columns = [word.start for word in self.peaks(row)][::by]
            if step == 0:
                columns = [column for column in columns if (column - place[1]) * by > 0]
            if columns:
                return row, columns[0]
        return None

    def at(self, place: Place) -> Word | None:
        """The word at a place, or directly before it."""
        words = self.words(place[0]) or ()
        return next((word for word in words if word.start <= place[1] <= word.end), None)
