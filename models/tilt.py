"""Tilting a model to a person's words: what they use more often than others do becomes likelier wherever it may stand.

Each probability is multiplied by a power of how much more often the token is in the person's text than in the corpus
(dynamic marginals: Kneser, Peters and Klakow 1997).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.recall import Floats, Ints

Counts = npt.NDArray[np.integer[Any]]

POWER: Final = 0.5
WEIGHT: Final = 2000
"""Tokens of the corpus that are taken to stand in each text: so few words of a short one prove nothing."""


def tilt(corpus: Floats, texts: Iterable[Counts]) -> Floats:
    """Return by what to multiply the probability of each token, (vocabulary,).

    Args:
        corpus: how likely each token is in the corpus, all above 0, (vocabulary,).
        texts: how often each is in texts of the person, (vocabulary,).
    """
    common = corpus / corpus.sum(dtype=np.float64)
    logs = np.zeros(len(corpus))
    for counts in texts:
        logs += np.log((counts + WEIGHT * common) / ((counts.sum() + WEIGHT) * common))
    return np.exp(POWER * logs).astype(np.float32)


@dataclass(frozen=True)
class Tilt:
    """A model's probabilities, (branches, vocabulary), each multiplied by its token's factor and adding up to 1 again.

    The vocabulary is gone through only where all of it is wanted.
    """

    model: Floats
    """The probabilities before."""
    factors: Floats
    """By what each is multiplied, (vocabulary,)."""
    sums: Floats
    """What the products add up to, (branches,)."""

    @classmethod
    def of(cls, model: Floats, factors: Floats) -> Tilt:
        """Tilt probabilities."""
        # A product of two vectors at a time: a branch gets the same, bit for bit, alone and beside others.
        return cls(model, factors, np.vecdot(model, factors))

    def at(self, rows: Ints, tokens: Ints) -> Floats:
        """Return some of the probabilities."""
        return self.model[rows, tokens] * self.factors[tokens] / self.sums[rows]

    def join(self, model: Floats, tilted: Floats) -> Floats:
        """Return a mixture of the probabilities as they were and tilted; the shares of both by branch."""
        joined = np.multiply.outer(tilted / self.sums, self.factors)
        joined += model[:, None]
        joined *= self.model
        return joined
