"""N-gram memory: what followed which tokens in a text, as a compact trie that can be memory-mapped.

A context's continuations carry discounted probabilities; what they leave over goes to the shorter context
(interpolated absolute discounting: Ney, Essen and Kneser 1994; Chen and Goodman 1999, section 2.7). A state holds
the trie's node of each suffix of the text, so that reading a token is one look-up an order.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from models.errors import ModelError

Nodes = tuple[int, ...]
"""Node of the last 1, 2, ... tokens in the trie, -1 where it has none; orders - 1 of them."""
Floats = npt.NDArray[np.float32]
Array = npt.NDArray[Any]

MAX_ORDER = 8
BLOCK = 64
"""Nodes to a sum of child counts; the rest is added up when it is asked for."""
MAX_CHILDREN = 255
"""Continuations of a context of two or more tokens that are kept at most: their number is one byte."""
COMMON = 512
"""Continuations from which on a token is common: it is asked for again and again, and long to work out."""
BIGRAM_ROWS = 128
"""Distributions after common tokens that are kept."""
LEAST = 1e-7
"""Least probability that a code can stand for."""

_STEP = np.log(1 / LEAST) / 255
CODES: Floats = np.exp(_STEP * np.arange(256)).astype(np.float32) * np.float32(LEAST)
"""The probability that each code stands for: equal steps of its logarithm."""


def encode_probabilities(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Return the nearest code of each probability in 0..1."""
    logs = np.log(np.maximum(probabilities, LEAST) / LEAST) / _STEP
    return np.clip(np.rint(logs), 0, 255).astype(np.uint8)


class Memory:
    """N-grams of orders 1 to `orders` over a vocabulary.

    Arrays by name: `unigrams` (vocabulary,) float32; for each order n from 2 on `tokens.n` (uint16) and `codes.n`
    (uint8), the children of each node of order n - 1 side by side, by token; `first.1` (vocabulary + 1,) uint32,
    where the children of each unigram begin; and for each order n from 2 to `orders` - 1 `children.n` (uint8), how
    many each node has, and `blocks.n` (uint32), where the children of every 64th begin.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take the arrays, checked.

        Raises:
            ModelError: when one is missing, of another type or size, or points outside of another.
        """
        self.arrays = dict(arrays)
        self.unigrams: Floats = _checked(arrays, "unigrams", np.float32)
        self.vocabulary = len(self.unigrams)
        self.orders = 1 + sum(name.startswith("tokens.") for name in arrays)
        if not 2 <= self.orders <= MAX_ORDER or not 2 <= self.vocabulary <= 1 << 16:
            raise ModelError("the memory's orders or vocabulary are out of range")
        every = range(2, self.orders + 1)
        self._tokens = [_checked(arrays, f"tokens.{order}", np.uint16) for order in every]
        self._codes = [_checked(arrays, f"codes.{order}", np.uint8) for order in every]
        self._first = _checked(arrays, "first.1", np.uint32)
        inner = range(2, self.orders)
        self._children = [_checked(arrays, f"children.{order}", np.uint8) for order in inner]
        self._blocks = [_checked(arrays, f"blocks.{order}", np.uint32) for order in inner]
        self._check_sizes()
        # Single numbers are read through views, which are faster at that than arrays.
        self._first_view = memoryview(self._first)
        self._token_views = [memoryview(tokens) for tokens in self._tokens]
        self._child_views = [memoryview(children) for children in self._children]
        self._bigrams: OrderedDict[int, tuple[Floats, float]] = OrderedDict()

    def _check_sizes(self) -> None:
        sound = len(self._first) == self.vocabulary + 1 and self._first[-1] == len(self._tokens[0])
        sound = sound and bool((np.diff(self._first.astype(np.int64)) >= 0).all())
        for tokens, codes in zip(self._tokens, self._codes, strict=True):
            sound = sound and len(tokens) == len(codes)
            sound = sound and (not len(tokens) or int(tokens.max()) < self.vocabulary)
        for level, (children, blocks) in enumerate(zip(self._children, self._blocks, strict=True)):
            sound = sound and len(children) == len(self._tokens[level])
            expected = block_sums(children)
            sound = sound and np.array_equal(expected, blocks)
            sound = sound and int(children.sum(dtype=np.int64)) == len(self._tokens[level + 1])
        if not sound:
            raise ModelError("the memory's tables do not fit each other")

    @property
    def entries(self) -> int:
        """N-grams of two tokens and more."""
        return sum(map(len, self._tokens))

    @property
    def bytes(self) -> int:
        """Bytes that the tables take."""
        return sum(array.nbytes for array in self.arrays.values())

    def initial(self) -> Nodes:
        """Return the state before any token."""
        return (-1,) * (self.orders - 1)

    def advance(self, nodes: Nodes, token: int) -> Nodes:
        """Return the state after one more token."""
        new = [token]
        for level, node in enumerate(nodes[:-1]):
            at = -1
            if node >= 0:
                start, end = self._span(level, node)
                tokens = self._token_views[level]
                at = bisect_left(tokens, token, start, end)
                if at == end or tokens[at] != token:
                    at = -1
            new.append(at)
        return tuple(new)

    def predict(self, nodes: Nodes) -> tuple[Floats, Floats]:
        """Return the probability of each next token, (vocabulary,), and what is left over at each order.

        The share left over at an order is 1 where nothing is known; (orders - 1,).
        """
        probabilities, left = self.predict_each([nodes])
        return probabilities[0], left[0]

    def predict_each(self, states: Sequence[Nodes]) -> tuple[Floats, Floats]:
        """Return the same for several states, (states, vocabulary) and (states, orders - 1)."""
        columns = self.orders - 1
        cells, tokens, codes = self._continuations(states)
        known = CODES.take(codes)
        totals = np.bincount(cells, known, len(states) * columns).reshape(-1, columns)
        left = np.maximum(1 - totals, 1e-3)
        scales = 1 / (totals + left)
        left *= scales
        shares = np.multiply.accumulate(left[:, ::-1], 1)[:, ::-1]  # what an order and those above it leave
        scales[:, :-1] *= shares[:, 1:]
        probabilities = np.empty((len(states), self.vocabulary), np.float32)
        longer = shares[:, 0].tolist()
        for row, nodes in enumerate(states):
            single = self.unigrams
            if self._is_common(nodes[0]):
                single, left[row, 0] = self._after_one(nodes[0])
            np.multiply(single, longer[row], out=probabilities[row])
        values = (known * scales.ravel()[cells]).astype(np.float32)
        np.add.at(probabilities.reshape(-1), cells // columns * self.vocabulary + tokens, values)
        return probabilities, left.astype(np.float32)

    def _continuations(self, states: Sequence[Nodes]) -> tuple[Array, Array, Array]:
        """Return what followed all contexts but common tokens: row and order in one number, tokens, codes."""
        cells: list[int] = []
        tokens: list[Array] = [_NO_TOKENS]
        codes: list[Array] = [_NO_CODES]
        columns = self.orders - 1
        for row, nodes in enumerate(states):
            first = 1 if self._is_common(nodes[0]) else 0
            for level in range(first, columns):
                if nodes[level] >= 0:
                    start, end = self._span(level, nodes[level])
                    cells.append(row * columns + level)
                    tokens.append(self._tokens[level][start:end])
                    codes.append(self._codes[level][start:end])
        lengths = [len(some) for some in tokens[1:]]
        which = np.repeat(np.asarray(cells, np.int64), lengths)
        return which, np.concatenate(tokens), np.concatenate(codes)

    def _is_common(self, token: int) -> bool:
        """Whether so much followed a token that its distribution is worth keeping."""
        return token >= 0 and self._first_view[token + 1] - self._first_view[token] >= COMMON

    def _after_one(self, token: int) -> tuple[Floats, float]:
        """Return the distribution after a common token, and the share that it leaves to single tokens."""
        known = self._bigrams.get(token)
        if known is None:
            if len(self._bigrams) >= BIGRAM_ROWS:
                self._bigrams.popitem(last=False)
            row = self.unigrams.copy()
            known = self._bigrams[token] = (row, self._add(row, token))
        self._bigrams.move_to_end(token)
        return known

    def bigram(self, previous: int, token: int) -> float:
        """Return the probability of a token after one other, whatever stands before that: what costs least to know."""
        start, end = self._span(0, previous)
        known = CODES[self._codes[0][start:end]]
        total = float(known.sum())
        left = max(1.0 - total, 1e-3)
        at = int(self._tokens[0][start:end].searchsorted(token))
        own = float(known[at]) if at < end - start and self._tokens[0][start + at] == token else 0.0
        return (own + left * float(self.unigrams[token])) / (total + left)

    def _add(self, probabilities: Floats, token: int) -> float:
        """Mix what followed one token into the distribution of single ones; return the share left to that."""
        start, end = self._span(0, token)
        known = CODES[self._codes[0][start:end]]
        total = float(known.sum())
        left = max(1.0 - total, 1e-3)
        scale = 1.0 / (total + left)
        probabilities *= left * scale
        np.add.at(probabilities, self._tokens[0][start:end], known * np.float32(scale))
        return left * scale

    def _span(self, level: int, node: int) -> tuple[int, int]:
        """Return where the children of a node of order `level` + 1 begin and end."""
        if level == 0:
            return self._first_view[node], self._first_view[node + 1]
        counts = self._child_views[level - 1]
        block = node // BLOCK
        start = int(self._blocks[level - 1][block]) + sum(counts[block * BLOCK : node])
        return start, start + counts[node]


_NO_TOKENS = np.zeros(0, np.uint16)
_NO_CODES = np.zeros(0, np.uint8)


def block_sums(children: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Return how many children all nodes before each block of nodes have."""
    padded = np.zeros(-(-max(1, len(children)) // BLOCK) * BLOCK, np.int64)
    padded[: len(children)] = children
    sums = padded.reshape(-1, BLOCK).sum(1)
    return np.concatenate(([0], np.cumsum(sums)[:-1])).astype(np.uint32)


def _checked(arrays: Mapping[str, Array], name: str, kind: type[np.generic]) -> Any:
    array = arrays.get(name)
    if array is None or array.dtype != kind or array.ndim != 1:
        raise ModelError(f"the memory's table {name} is missing or of another type")
    return array


def load_memory(path: Path) -> Memory:
    """Map a memory from its safetensors file.

    Raises:
        ModelError: when the file cannot be read or is not a sound memory.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:  # pyright: ignore[reportUnknownVariableType]
            reader = cast("Any", file)
            arrays: dict[str, Array] = {name: reader.get_tensor(name).numpy() for name in reader.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError, RuntimeError) as error:
        raise ModelError(f"{path}: not a readable memory ({error})") from error
    try:
        return Memory(arrays)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
