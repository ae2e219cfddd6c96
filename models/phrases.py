"""Phrase memory: what followed which words in a person's own documents, exactly, and where it stands in them.

The documents' tokens are kept as they are. Every n-gram that goes on from one that occurs twice or more is a node of
a trie, numbered order by order, its key made of its parent's number and its last token: the keys ascend, so that one
binary search advances any number of contexts. What occurs once needs no nodes beyond: its place in the text says how
it goes on (the leaves of a suffix tree; Weiner 1973). Which text there is decides every byte, so a memory from which
a document was taken out is the memory that never had it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from models.errors import ModelError
from models.recall import ORDERS, Evidence

Ints = npt.NDArray[np.int64]
Tokens = npt.NDArray[np.integer[Any]]
Array = npt.NDArray[Any]

BOUNDARY: Final = 0
"""Token before, between and after documents."""
TOKEN_BITS: Final = 18
MASK: Final = (1 << TOKEN_BITS) - 1
MAX_TOKENS: Final = 1 << 31
NOTHING: Final = -1
COMMON: Final = 256
"""Occurrences of a context from which on what followed it once only is no longer worth a node."""


class Phrases:
    """The n-grams of some documents, orders 1 to `ORDERS` + 1.

    Arrays by name: `tokens` (length,) uint16, or uint32 for a large vocabulary: a boundary before each document
    and one at the end; `seen` (vocabulary,) uint32, how often each token occurs, and `first` (vocabulary,) uint32,
    where first; for all longer n-grams `keys` (n,) int64, ascending, `counts` (n,) uint16 and `places` (n,) uint32,
    where the last token of the first occurrence stands.

    A state is an integer for each order: a node's number (tokens first, then the keys), or -2 - place for an n-gram
    that occurs once, or -1.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take the arrays, checked.

        Raises:
            ModelError: when one is missing, of another type or size, or points outside of another.
        """
        wide = np.uint32 if "tokens" in arrays and arrays["tokens"].dtype == np.uint32 else np.uint16
        kinds = {"tokens": wide, "seen": np.uint32, "first": np.uint32}
        kinds |= {"keys": np.int64, "counts": np.uint16, "places": np.uint32}
        self.arrays: dict[str, Array] = {name: _checked(arrays, name, kind) for name, kind in kinds.items()}
        self.tokens: Tokens = self.arrays["tokens"]
        self._seen: Array = self.arrays["seen"]
        self._first: Array = self.arrays["first"]
        self._keys: Ints = self.arrays["keys"]
        self._counts: Array = self.arrays["counts"]
        self._places: Array = self.arrays["places"]
        self.vocabulary = len(self._seen)
        self._check()
        single = np.where(self._seen == 1, -2 - self._first.astype(np.int64), NOTHING)
        self._roots: Ints = np.where(self._seen > 1, np.arange(self.vocabulary), single)

    def _check(self) -> None:
        size, end = len(self._keys), len(self.tokens) - 1
        sound = 0 < len(self.tokens) <= MAX_TOKENS and 2 <= self.vocabulary <= MASK
        sound = sound and len(self._first) == self.vocabulary
        sound = sound and len(self._counts) == size == len(self._places)
        sound = sound and int(self.tokens[0]) == BOUNDARY == int(self.tokens[end])
        sound = sound and int(self.tokens.max()) < self.vocabulary
        sound = sound and (not end or int(self._first.max()) < end) and int(self._seen[BOUNDARY]) == 0
        if size:
            sound = sound and bool((np.diff(self._keys) > 0).all()) and int(self._keys[0]) >= 0
            sound = sound and int(self._keys[-1]) >> TOKEN_BITS < self.vocabulary + size
            sound = sound and int((self._keys & MASK).max()) < self.vocabulary
            sound = sound and int(self._counts.min()) > 0 and int(self._places.max()) < end
        if not sound:
            raise ModelError("the memory's tables do not fit each other")

    @property
    def bytes(self) -> int:
        """Bytes that the tables take."""
        return sum(array.nbytes for array in self.arrays.values())

    @property
    def empty(self) -> bool:
        """Whether nothing is remembered."""
        return len(self.tokens) <= 1

    @property
    def seen(self) -> Tokens:
        """How often each token occurs, (vocabulary,)."""
        return self._seen

    def initial(self) -> Ints:
        """Return the state before any token, (ORDERS,)."""
        return np.full(ORDERS, NOTHING, np.int64)

    def advance(self, states: Ints, tokens: Ints) -> Ints:
        """Return the states one token on.

        Args:
            states: (branches, ORDERS).
            tokens: the token that each branch reads, (branches,).
        """
        new = np.empty_like(states)
        new[:, 0] = self._roots[tokens]
        old = states[:, :-1]
        new[:, 1:] = self._longer(old.ravel(), np.repeat(tokens, old.shape[1])).reshape(old.shape)
        return new

    def walk(self, state: Ints, tokens: Ints) -> Ints:
        """Return the state after each of some tokens, (tokens, ORDERS), read one after the other."""
        states = np.empty((len(tokens), ORDERS), np.int64)
        states[:, 0] = self._roots[tokens]
        for order in range(1, ORDERS):
            shorter = np.concatenate((state[order - 1 : order], states[:-1, order - 1]))
            states[:, order] = self._longer(shorter, tokens)
        return states

    def _longer(self, old: Ints, tokens: Ints) -> Ints:
        """Return where each n-gram stands with one token more."""
        new = np.full(len(old), NOTHING, np.int64)
        once = np.flatnonzero(old < NOTHING)
        if len(once):
            places = -1 - old[once]
            new[once] = np.where(self.tokens[places] == tokens[once], -2 - places, NOTHING)
        inner = np.flatnonzero(old >= 0)
        if len(inner) and len(self._keys):
            wanted = old[inner] << TOKEN_BITS | tokens[inner]
            at = np.minimum(self._keys.searchsorted(wanted), len(self._keys) - 1)
            nodes = np.where(
                self._counts[at] > 1, at + self.vocabulary, -2 - self._places[at].astype(np.int64)
            )
            new[inner] = np.where(self._keys[at] == wanted, nodes, NOTHING)
        return new

    def evidence(self, states: Ints) -> Evidence:
        """Return what followed each context, by branch and order; states as (branches, ORDERS)."""
        rows, orders = np.nonzero(states != NOTHING)
        nodes = states[rows, orders]
        once = nodes < NOTHING
        following = self.tokens[np.where(once, -1 - nodes, 0)].astype(np.int64)
        inner = np.where(once, 0, nodes)
        edges = self._keys.searchsorted(np.concatenate((inner, inner + 1)) << TOKEN_BITS)
        starts, ends = edges[: len(nodes)], edges[len(nodes) :]
        lengths = np.where(once, following != BOUNDARY, ends - starts)
        totals = np.zeros(states.shape)
        totals[rows, orders] = np.where(once, lengths, self._occurrences(inner))
        which = np.repeat(np.arange(len(nodes)), lengths)
        at = np.arange(len(which)) + np.where(once, 0, starts)[which]
        at -= (np.cumsum(lengths) - lengths)[which]
        tokens, counts = following[which], np.ones(len(which))
        known = ~once[which]
        if len(self._keys):
            tokens[known] = self._keys[at[known]] & MASK
            counts[known] = self._counts[at[known]]
        return Evidence(rows[which], (rows * ORDERS + orders)[which], tokens, counts, totals)

    def _occurrences(self, nodes: Ints) -> Ints:
        """Return how often nodes occur."""
        longer = nodes >= self.vocabulary
        often = self._seen[np.where(longer, 0, nodes)].astype(np.int64)
        often[longer] = self._counts[nodes[longer] - self.vocabulary]
        return often

    def find(self, tokens: Ints) -> Ints:
        """Return where the last token of each occurrence of some tokens stands, in ascending order.

        Args:
            tokens: at least ORDERS of them: fewer may stand anywhere.
        """
        last = int(self.walk(self.initial(), tokens)[-1, ORDERS - 1])
        if last == NOTHING:
            return np.zeros(0, np.int64)
        if last < NOTHING:
            ends = np.asarray([-2 - last], np.int64)
        else:
            rarest = int(self._seen[tokens].argmin())
            ends = np.flatnonzero(self.tokens == tokens[rarest]) + len(tokens) - 1 - rarest
        ends = ends[(ends >= len(tokens)) & (ends < len(self.tokens))]
        back = np.arange(len(tokens))[::-1]
        return ends[(self.tokens[ends[:, None] - back] == tokens).all(1)]


def _checked(arrays: Mapping[str, Array], name: str, kind: Any) -> Array:
    array = arrays.get(name)
    if array is None or array.dtype != kind or array.ndim != 1:
        raise ModelError(f"the memory's table {name} is missing or of another type")
    return array


def join(documents: Sequence[Sequence[int] | Tokens], vocabulary: int) -> Tokens:
    """Return documents' tokens in one array, as `Phrases` keeps them: a boundary before each, and one at the end."""
    kind = np.uint16 if vocabulary <= 1 << 16 else np.uint32
    parts = [np.asarray(part, kind) for document in documents for part in ([BOUNDARY], document)]
    return np.concatenate([*parts, np.asarray([BOUNDARY], kind)])


def build_phrases(tokens: Tokens, vocabulary: int) -> Phrases:
    """Count the phrases of documents.

    Args:
        tokens: as `join` gives them.
        vocabulary: number of tokens that there are.
    """
    kind = np.uint16 if vocabulary <= 1 << 16 else np.uint32
    tokens = np.ascontiguousarray(tokens, kind)
    seen = np.bincount(tokens, minlength=vocabulary)
    seen[BOUNDARY] = 0
    first = np.zeros(vocabulary, np.int64)
    first[tokens[::-1]] = np.arange(len(tokens))[::-1]
    first[seen == 0] = 0
    numbers = np.where(tokens != BOUNDARY, tokens.astype(np.int64), NOTHING)
    levels: list[tuple[Array, Array, Array]] = []
    counts, base, size = seen, 0, vocabulary
    for _ in range(ORDERS):
        level, numbers = _count(tokens, numbers, counts, base, size)
        base, counts = size, level[1]
        size += len(counts)
        levels.append(level)
    columns = [np.concatenate(column) for column in zip(*levels, strict=True)]
    arrays = {"tokens": tokens, "seen": seen.astype(np.uint32), "first": first.astype(np.uint32)}
    arrays |= {"keys": columns[0], "counts": np.minimum(columns[1], 65535).astype(np.uint16)}
    return Phrases({**arrays, "places": columns[2].astype(np.uint32)})


def _count(
    tokens: Tokens, numbers: Ints, counts: Array, base: int, size: int
) -> tuple[tuple[Array, Array, Array], Ints]:
    """Count one order.

    Args:
        tokens: the text.
        numbers: number of the node of the order below that ends at each place; -1 where there is none.
        counts: how often each node of the order below occurs.
        base: number of the first node of the order below.
        size: number of all nodes so far.

    Returns:
        Keys, counts and places of the nodes, and which of them ends at each place.
    """
    often = np.zeros(len(tokens), np.bool_)
    known = numbers >= 0
    often[known] = counts[numbers[known] - base] > 1
    ends = np.flatnonzero(often[:-1] & (tokens[1:] != BOUNDARY)) + 1
    keys = numbers[ends - 1] << TOKEN_BITS | tokens[ends].astype(np.int64)
    unique, places, inverse, times = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    keep = (times > 1) | (counts[(unique >> TOKEN_BITS) - base] <= COMMON)
    renumbered = np.where(keep, size - 1 + np.cumsum(keep), NOTHING)
    after = np.full(len(tokens), NOTHING, np.int64)
    after[ends] = renumbered[inverse]
    return (unique[keep], times[keep], ends[places[keep]]), cast("Ints", after)
