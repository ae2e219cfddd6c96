"""What a memory of phrases says about the next token: the counts of every matching context made into one forecast.

Counts of a longer context are discounted, and what that leaves goes to the shorter one (interpolated absolute
discounting: Ney, Essen and Kneser 1994); what the shortest leaves goes to whoever predicts beside the memory. So a
memory that knows nothing of a context says nothing, and its forecast is a few tokens, never the whole vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

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


@dataclass(frozen=True)
class Evidence:
    """Which tokens followed the contexts of some branches, one row each; arrays of one length but the last."""

    rows: Ints
    """The branch."""
    orders: Ints
    """Tokens of the context, less one."""
    tokens: Ints
    """What followed."""
    counts: npt.NDArray[Any]
    """How often."""
    totals: Doubles
    """How often each context occurs, (branches, ORDERS)."""


@dataclass(frozen=True)
class Recollection:
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


def recall(evidence: Evidence, beside: Floats) -> Recollection:
    """Make a forecast of evidence.

    Args:
        evidence: the counts.
        beside: probabilities of the one who predicts beside the memory, (branches, vocabulary).
    """
    rows, orders, tokens = evidence.rows, evidence.orders, evidence.tokens
    totals = evidence.totals
    branches, columns = totals.shape
    cells = rows * columns + orders
    spent = evidence.counts - DISCOUNT
    given = np.bincount(cells, spent, branches * columns).reshape(branches, columns)
    shares = 1 / np.maximum(totals, 1)
    left = np.asarray(np.clip(1 - given * shares, 0, 1), np.float64)
    longer = np.asarray(
        np.cumprod(left[:, ::-1], 1)[:, ::-1], np.float64
    )  # what an order and those above it leave
    weights = shares.copy()
    weights[:, :-1] *= longer[:, 1:]
    values = spent * weights.ravel()[cells]
    features = _features(cells, values, tokens, rows, left, totals, beside)
    return Recollection(rows, tokens, values, longer[:, 0], features)


def _features(
    cells: Ints, values: Doubles, tokens: Ints, rows: Ints, left: Doubles, totals: Doubles, beside: Floats
) -> Floats:
    branches, columns = left.shape
    features = np.zeros((branches, FEATURES), np.float32)
    features[:, :columns] = np.log(left + 1e-3)
    known = left < 1
    longest = np.where(known.any(1), columns - 1 - known[:, ::-1].argmax(1), 0)
    here: Ints = np.arange(branches, dtype=np.int64)
    top = np.zeros(branches)
    np.maximum.at(top, rows, values)
    said = beside[rows, tokens]
    agreed = np.bincount(rows, values * said, branches)
    trusted = np.zeros(branches)
    first = values >= top[rows]
    trusted[rows[first]] = said[first]
    features[:, columns] = np.where(known.any(1), longest + 1, 0)
    features[:, columns + 1] = np.log1p(totals[here, longest])
    features[:, columns + 2] = np.log(top + 1e-4)
    features[:, columns + 3] = np.log(agreed + 1e-7)
    features[:, columns + 4] = np.log(trusted + 1e-7)
    features[:, columns + 5] = np.log1p(np.bincount(cells // columns, minlength=branches))
    return features
