"""Draft memory: the phrases and words of a text that is being written, changed piece by piece as it is edited.

A text is a bag of passages, each a run of tokens. What follows a context is found by looking at all places where its
last token stands and comparing backwards, so that a passage costs as much to take in or out as it is long, and
the answer depends on which passages are there, never on the way there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import numpy as np

from models.recall import ORDERS, Evidence, Floats, Ints

NOTHING: Final = -1
"""What stands before a text's first token."""
GAP: Final = -2
"""What stands between passages, and where one was taken out."""
LEAST_ROOM: Final = 1024


def no_tokens() -> Ints:
    """Return the context before any token."""
    return np.full(ORDERS, NOTHING, np.int64)


def one_more(contexts: Ints, tokens: Ints) -> Ints:
    """Return the contexts, (branches, ORDERS), after each has read a token, (branches,)."""
    new = np.empty_like(contexts)
    new[:, :-1] = contexts[:, 1:]
    new[:, -1] = tokens
    return new


def each_more(context: Ints, tokens: Ints) -> Ints:
    """Return the context after each of some tokens, (tokens, ORDERS), read one after the other."""
    return np.lib.stride_tricks.sliding_window_view(np.concatenate((context, tokens)), ORDERS)[1:]


class DraftMemory:
    """A bag of passages.

    A context is the last tokens of a text, the newest last, (ORDERS,); -1 before its beginning. It depends on no
    memory: `no_tokens`, `one_more` and `each_more` make them.
    """

    def __init__(self, vocabulary: int) -> None:
        """Begin with nothing.

        Args:
            vocabulary: number of tokens that there are.
        """
        self.version = 0
        """Another number whenever the passages are others."""
        self.size = 0
        """Tokens of all passages."""
        self.words: Ints = np.zeros(vocabulary, np.int64)
        """How often each token is there; (vocabulary,)."""
        self._shares: Floats | None = None
        self._passages: dict[int, tuple[int, int]] = {}
        self._named = 0
        self._tokens = np.full(LEAST_ROOM, GAP, np.int32)
        self._end = ORDERS  # before the first token there must be something to compare with
        self._places: dict[int, array[int]] = {}

    def add(self, tokens: Sequence[int]) -> int:
        """Take a passage in; returns its number, to take it out again."""
        if self._end + len(tokens) + ORDERS >= len(self._tokens):
            self._make_room(len(tokens))
        self._named += 1
        self._passages[self._named] = self._put(tokens)
        self._count(tokens, 1)
        return self._named

    def remove(self, number: int) -> None:
        """Take a passage out."""
        start, length = self._passages.pop(number)
        tokens = self._tokens[start : start + length].tolist()
        for token in set(tokens[:-1]):
            places = self._places[token]  # ascending: a passage's stand side by side
            del places[bisect_left(places, start) : bisect_left(places, start + length)]
        self._count(tokens, -1)
        self._tokens[start : start + length] = GAP

    @property
    def shares(self) -> Floats:
        """How often each token is there, as shares of all; (vocabulary,)."""
        if self._shares is None:
            self._shares = (self.words / max(1, self.size)).astype(np.float32)
        return self._shares

    def _put(self, tokens: Sequence[int]) -> tuple[int, int]:
        start, length = self._end, len(tokens)
        self._tokens[start : start + length] = tokens
        for place, token in enumerate(tokens[:-1], start):  # nothing follows the last one
            known = self._places.get(token)
            if known is None:
                known = self._places[token] = array("q")
            known.append(place)
        self._end = start + length + ORDERS  # a gap, so that nothing follows from one passage to another
        return start, length

    def _count(self, tokens: Sequence[int], sign: int) -> None:
        np.add.at(self.words, np.asarray(tokens, np.int64), sign)
        self.size += sign * len(tokens)
        self.version += 1
        self._shares = None

    def _make_room(self, length: int) -> None:
        """Lay the passages out anew, with at least as much room behind them as they take."""
        old, passages = self._tokens, self._passages
        taken = self.size + ORDERS * (len(passages) + 1)
        self._tokens = np.full(max(LEAST_ROOM, 2 * (taken + length + ORDERS)), GAP, np.int32)
        self._end, self._places = ORDERS, {}
        self._passages = {
            number: self._put(old[start : start + size].tolist())
            for number, (start, size) in passages.items()
        }

    def evidence(self, contexts: Ints) -> Evidence:
        """Return what followed each context, by branch and order; contexts as (branches, ORDERS)."""
        branches, columns = contexts.shape
        found = [self._places.get(token, _NOWHERE) for token in contexts[:, -1].tolist()]
        at: Ints = np.frombuffer(b"".join(found), np.int64)
        rows: Ints = np.repeat(np.arange(branches, dtype=np.int64), [len(places) for places in found])
        differs = self._tokens[at[:, None] - _BACK] != contexts[:, ::-1][rows]
        reach = differs.argmax(1)  # tokens that agree
        reach[reach == 0] = columns  # the last one does: all places are of it
        # Sorted, those of a branch that are followed by the same token stand side by side.
        seen = rows << _ROW | self._tokens[at + 1] << _TOKEN | reach
        seen.sort()
        pairs = seen >> _TOKEN
        new = np.ones(len(pairs), np.bool_)
        np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
        cells = new.cumsum() * columns - (seen & _REACH)
        pairs = pairs[new]
        # Where some tokens agree, fewer do.
        counts = np.bincount(cells, minlength=len(pairs) * columns).reshape(-1, columns).cumsum(1).ravel()
        cells = counts.nonzero()[0]
        which, shortfall = np.divmod(cells, columns)
        pairs, times = pairs[which], counts[cells]
        rows = pairs >> _ROW - _TOKEN
        cells = (rows + 1) * columns - 1 - shortfall
        totals = np.asarray(np.bincount(cells, times, branches * columns), np.float64)
        tokens = pairs & (1 << _ROW - _TOKEN) - 1
        return Evidence(rows, cells, tokens, times, totals.reshape(branches, columns))


_NOWHERE: Final = array("q")
_BACK: Final = np.arange(ORDERS)
_TOKEN: Final = 3
_ROW: Final = 40
"""Bits from which on a token and a branch stand in a number, above how many tokens agree."""
_REACH: Final = (1 << _TOKEN) - 1
