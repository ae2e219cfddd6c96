"""Arrays of log-probabilities: their greatest, their nucleus, and noise by which they are sampled.

Needs no screen.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


def log_of(probabilities: npt.NDArray[np.float32]) -> Doubles:
    """Return the logarithms, -inf for 0, without a warning."""
    with np.errstate(divide="ignore"):
        return np.log(probabilities.astype(np.float64))


def greatest(values: npt.NDArray[np.floating[Any]], count: int) -> npt.NDArray[np.int64]:
    """Return the places of the greatest values, in ascending order."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.sort(np.argpartition(values, -count)[-count:])


def least_kept(logs: Doubles, top_p: float) -> float:
    """Return the least log-probability in the nucleus (Holtzman et al. 2020, section 3.1)."""
    if top_p >= 1 or not len(logs):
        return -math.inf
    ordered = np.sort(logs)[::-1]
    total = np.exp(ordered - ordered[0]).cumsum()
    place = int(total.searchsorted(top_p * total[-1]))
    return float(ordered[min(place, len(ordered) - 1)])


def perturbed(bases: Doubles, greatest: float, random: np.random.Generator) -> Doubles:
    """Return log-probabilities with Gumbel noise, on condition that the greatest result is the one given.

    Kool et al. 2019, section 3 and, for the form that keeps its precision, appendix B.3.
    """
    if not len(bases):
        return bases
    noisy = bases + random.gumbel(size=len(bases))
    top = int(noisy.argmax())
    below = np.minimum(noisy - noisy[top], -1e-300)
    gap = greatest - noisy + np.log(-np.expm1(below))
    scores = greatest - np.maximum(gap, 0.0) - np.log1p(np.exp(-np.abs(gap)))
    scores[top] = greatest
    return scores
