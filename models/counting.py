"""Counting n-grams: from a long array of tokens to a memory, pruned to what is worth its place.

Order by order, each n-gram is its prefix's number and its last token, so that counting is sorting of integers and
the n-grams of one context lie side by side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.memory import MAX_CHILDREN, Memory, block_sums, encode_probabilities

Tokens = npt.NDArray[np.integer[Any]]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

SORTED = 8_000_000
"""Places in the text that are sorted at a time: what takes memory."""


@dataclass
class _Order:
    """All n-grams of one order, sorted by context and token."""

    contexts: Ints
    """Number of each one's prefix among the n-grams of the order below."""
    tokens: Ints
    """Its last token."""
    counts: Ints
    suffixes: Numbers
    """Number of each one without its first token, among the n-grams of the order below; -1 where it was dropped."""
    discounted: Floats
    """Its discounted probability after its context."""
    scores: Floats
    """By how much the likelihood of the text falls without it, in nats."""


def count_memory(
    tokens: Tokens,
    vocabulary: int,
    orders: int = 5,
    least: Sequence[int] = (1, 1, 2, 2, 2),
    entries: int | None = None,
) -> Memory:
    """Count the n-grams of a text.

    Args:
        tokens: the text, (length,).
        vocabulary: number of tokens that there are.
        orders: the longest n-grams to count, at least 2.
        least: how often an n-gram of each order, from 1 on, must occur; the last one holds for all above.
        entries: how many n-grams to keep; None keeps all. Those stay whose loss would cost the text's
            likelihood most (weighted difference: Seymore and Rosenfeld 1996), with their prefixes.
    """
    tokens = np.asarray(tokens)
    unigrams = np.bincount(tokens, minlength=vocabulary).astype(np.int64)
    shares = (unigrams + 0.5) / (unigrams.sum() + 0.5 * vocabulary)
    levels: list[_Order] = []
    numbers = tokens.astype(np.int32)
    below, totals = shares, unigrams
    for order in range(2, orders + 1):
        least_count = least[min(order, len(least)) - 1]
        level, numbers, below = _count_order(tokens, order, numbers, totals, below, least_count)
        levels.append(level)
        totals = level.counts
    kept = _choose(levels, entries)
    return Memory(_as_arrays(levels, kept, shares.astype(np.float32)))


def _count_order(
    tokens: Tokens, order: int, numbers: Numbers, totals: Ints, below: Floats, least: int
) -> tuple[_Order, Numbers, Floats]:
    """Count one order.

    Args:
        tokens: the text.
        order: the order to count.
        numbers: number of the n-gram of the order below that ends at each position; -1 where it was dropped.
        totals: how often each n-gram of the order below occurs.
        below: probability of each n-gram's last token by the order below.
        least: n-grams that occur less often are dropped.

    Returns:
        The n-grams, the number of the one that ends at each position, and the probability of its last token.
    """
    ends = (np.flatnonzero(numbers[order - 2 : -1] >= 0) + order - 1).astype(np.int32)
    before = numbers[ends - 1]
    new_numbers = np.full(len(tokens), -1, np.int32)
    parts: list[tuple[Ints, Ints, Numbers]] = []
    size = 0
    for low, high in _blocks(totals):
        at = ends[(before >= low) & (before < high)]
        keys = numbers[at - 1].astype(np.int64) << 16 | tokens[at].astype(np.int64)
        unique, first, inverse, counts = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        keep = counts >= least
        new_numbers[at] = np.where(keep, np.cumsum(keep) - 1 + size, -1)[inverse]
        # np.unique's index of a first occurrence gives each n-gram a place in the text to read its suffix from.
        parts.append((unique[keep], counts[keep], numbers[at[first[keep]]]))
        size += int(keep.sum())
    unique, counts, suffixes = (np.concatenate(column) for column in zip(*parts, strict=True))
    contexts, last = unique >> 16, unique & 0xFFFF
    discounted = (counts - _discounts(counts)) / totals[contexts]
    spent = np.bincount(contexts, discounted, minlength=len(totals))
    left = np.clip(1 - spent, 1e-6, 1)[contexts]
    shorter = np.where(suffixes >= 0, below[suffixes], 1e-6)
    probabilities = discounted + left * shorter
    without = np.maximum((left + discounted) * shorter, 1e-12)
    scores = np.asarray(counts * np.log(probabilities / without), np.float64)
    level = _Order(contexts, last, counts, suffixes, discounted, scores)
    return level, new_numbers, probabilities


def _blocks(totals: Ints) -> Iterator[tuple[int, int]]:
    """Cut contexts into ranges that occur about SORTED times each."""
    through = np.cumsum(totals)
    low = 0
    while low < max(1, len(totals)):
        done = int(through[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(through, done + SORTED, side="right")))
        yield low, high
        low = high


def _discounts(counts: Ints) -> Floats:
    """Return what is taken off each count: three discounts from how many n-grams occur once to four times.

    Modified Kneser-Ney's estimate (Chen and Goodman 1999, section 2.8), from the counts that were kept.
    """
    of = np.bincount(np.minimum(counts, 5), minlength=6).astype(np.float64)
    if not (of[1:5] > 0).all():
        return np.minimum(0.8, counts * 0.5)
    ratio = of[1] / (of[1] + 2 * of[2])
    estimates = [n - (n + 1) * ratio * of[n + 1] / of[n] for n in (1, 2, 3)]
    table = np.array([0, *np.clip(estimates, (0.1, 0.2, 0.3), (0.95, 1.6, 2.2))])
    return table[np.minimum(counts, 3)]


def _choose(levels: Sequence[_Order], entries: int | None) -> list[npt.NDArray[np.bool_]]:
    """Return which n-grams of each order to keep."""
    total = sum(len(level.counts) for level in levels)
    threshold = -np.inf
    if entries is not None and entries < total:
        scores = np.concatenate([level.scores for level in levels])
        threshold = float(np.partition(scores, total - entries)[total - entries])
    kept = [level.scores >= threshold for level in levels]
    for upper in range(len(levels) - 1, 0, -1):
        _limit_children(levels[upper], kept[upper])
        kept[upper - 1][levels[upper].contexts[kept[upper]]] = True
    for upper in range(1, len(levels)):
        # What was dropped for want of room takes all that goes on from it along.
        kept[upper] &= kept[upper - 1][levels[upper].contexts]
    return kept


def _limit_children(level: _Order, kept: npt.NDArray[np.bool_]) -> None:
    """Drop the least frequent continuations of contexts that have more than a byte can count."""
    chosen = np.flatnonzero(kept)
    ranked = chosen[np.lexsort((-level.counts[chosen], level.contexts[chosen]))]
    contexts = level.contexts[ranked]
    starts = np.flatnonzero(np.diff(contexts, prepend=-1))
    rank = np.arange(len(ranked)) - np.repeat(starts, np.diff(np.append(starts, len(ranked))))
    kept[ranked[rank >= MAX_CHILDREN]] = False


def _as_arrays(
    levels: Sequence[_Order], kept: Sequence[npt.NDArray[np.bool_]], shares: npt.NDArray[np.float32]
) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {"unigrams": shares}
    parents = np.arange(len(shares))  # new number of each kept n-gram of the order below
    size = len(shares)
    for order, (level, keep) in enumerate(zip(levels, kept, strict=True), start=2):
        contexts = parents[level.contexts[keep]]
        children = np.bincount(contexts, minlength=size)
        if order == 2:
            arrays["first.1"] = np.concatenate(([0], np.cumsum(children))).astype(np.uint32)
        else:
            arrays[f"children.{order - 1}"] = children.astype(np.uint8)
            arrays[f"blocks.{order - 1}"] = block_sums(arrays[f"children.{order - 1}"])
        arrays[f"tokens.{order}"] = level.tokens[keep].astype(np.uint16)
        arrays[f"codes.{order}"] = encode_probabilities(level.discounted[keep])
        parents = np.where(keep, np.cumsum(keep) - 1, -1)
        size = int(keep.sum())
    return arrays
