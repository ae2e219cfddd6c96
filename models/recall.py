"""What a memory of phrases says about the next token: the counts of every matching context made into one forecast.

Counts of a longer context are discounted, and what that leaves goes to the shorter one (interpolated absolute
discounting: Ney, Essen and Kneser 1994); what the shortest leaves goes to whoever predicts beside the memory. So a
memory that knows nothing of a context says nothing, and its forecast is a few tokens, never the whole vocabulary.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

ORDERS: Final = 7
"""Longest context, in tokens: n-grams of up to eight."""
DISCOUNT: Final = 0.6
FEATURES: Final = ORDERS + 6
"""Numbers that a gate sees of one recollection."""


class Evidence(NamedTuple):
    """Which tokens followed the contexts of some branches, one row each; arrays of one length but the last."""

    rows: Ints
    """The branch."""
    cells: Ints
    """Branch and order in one number: where in `totals`, row after row."""
    tokens: Ints
    """What followed."""
    counts: npt.NDArray[Any]
    """How often."""
    totals: Doubles
    """How often each context occurs, (branches, ORDERS)."""

    @property
    def orders(self) -> Ints:
        """Tokens of each context, less one."""
        return self.cells % self.totals.shape[1]


class Recollection(NamedTuple):
    """A memory's forecast for some branches: probabilities of some tokens, the rest left to others."""

    rows: Ints
    """The branch that each probability is of."""
    tokens: Ints
    """The token; one can stand there several times, from contexts of several lengths, and they add up."""
    values: Doubles
    """The probability."""
    left: Doubles
    """What is left to others in each branch, (branches,)."""
    features: Floats
    """What can be seen of it before the next token is known, (branches, FEATURES)."""


def recall(evidence: Evidence, said: Floats) -> Recollection:
    """Make a forecast of evidence.

    Args:
        evidence: the counts, branch after branch.
        said: how likely each of its tokens is to the one who predicts beside the memory.
    """
    rows, cells, totals = evidence.rows, evidence.cells, evidence.totals
    branches, columns = totals.shape
    spent = evidence.counts - DISCOUNT
    given = np.bincount(cells, spent, branches * columns).reshape(branches, columns)
    shares = 1 / np.maximum(totals, 1)
    left = np.maximum(1 - given * shares, 0)
    longer = np.multiply.accumulate(left[:, ::-1], 1)[:, ::-1]  # what an order and those above it leave
    shares[:, :-1] *= longer[:, 1:]
    values = spent * shares.ravel()[cells]
    features = _features(rows, values, said, left, totals)
    return Recollection(rows, evidence.tokens, values, longer[:, 0], features)


def _features(rows: Ints, values: Doubles, said: Floats, left: Doubles, totals: Doubles) -> Floats:
    """Return what a gate sees: all of it but the length of the longest context that is known is a logarithm."""
    branches, columns = left.shape
    longest = ((left < 1) * _LENGTHS).max(1)
    best = np.zeros(branches)
    np.maximum.at(best, rows, values)
    likeliest = np.flatnonzero(values == best[rows])[::-1]  # written backwards, the first of equals stays
    features = np.zeros((branches, FEATURES))
    features[:, :columns] = left
    features[:, columns + 1] = np.where(longest, totals[np.arange(branches), longest - 1], 0)
    features[:, columns + 2] = best
    features[:, columns + 3] = np.bincount(rows, values * said, branches)
    features[rows[likeliest], columns + 4] = said[likeliest]
    features[:, columns + 5] = np.bincount(rows, minlength=branches)
    features += _LEAST
    np.log(features, out=features)
    features[:, columns] = longest
    return features.astype(np.float32)


_LENGTHS: Final = np.arange(1, ORDERS + 1)
_LEAST: Final = np.array([*(1e-3,) * ORDERS, 1, 1, 1e-4, 1e-7, 1e-7, 1])
"""What is added to each feature before its logarithm is taken."""
