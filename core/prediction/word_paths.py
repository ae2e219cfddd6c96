"""Paths through tokens that begin a word, the ways to go on from one, and the words that paths became.

Needs no screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from core.prediction.logs import Doubles
from core.prediction.nodes import Node
from core.prediction.pieces import NOTHING, WORD, Ids, Mask


@dataclass(slots=True)
class Path:
    """Tokens that begin a word."""

    parent: Node
    token: int
    log: float = 0.0
    """Its log-probability."""
    base: float = 0.0
    """Its log-probability at the temperature asked for."""
    score: float = 0.0
    """What it is ranked by: `base`, or that perturbed."""
    spelled: bytes = b""
    """What it spells beyond the bytes that were wanted."""
    wanted: bytes = b""
    """What is still to be spelled as asked."""
    kind: int = NOTHING
    """Whether that is NOTHING, a WORD or MARKS (core.prediction.pieces)."""
    depth: int = 0


@dataclass(slots=True)
class Found:
    """A word, whatever tokens spell it."""

    spelled: bytes
    log: float
    """Its log-probability, its ending included."""
    score: float
    """What it is ranked by: its log-probability at the temperature asked for, or that perturbed."""
    ends: list[tuple[Node, float]] = field(default_factory=list[tuple[Node, float]])
    """Where the network stands after it, and the log-probability of getting there; the likeliest first."""
    kind: int = WORD
    """Whether it is a WORD or MARKS (core.prediction.pieces)."""

    def shifted(self, by: float) -> Found:
        """Return the word with another log-probability, on condition of something that is known besides."""
        ends = [(node, log + by) for node, log in self.ends]
        return replace(self, log=self.log + by, score=self.score + by, ends=ends)


class Choices(NamedTuple):
    """How a path may go on: tokens, and the end of the word."""

    tokens: Ids
    logs: Doubles
    """Their log-probabilities."""
    bases: Doubles
    """Those at the temperature asked for."""
    end: tuple[float, float] | None = None
    """Log-probability that the word ends, and that at the temperature; None where it cannot."""

    def at(self, which: Ids | Mask) -> Choices:
        """Return some of the tokens."""
        return Choices(self.tokens[which], self.logs[which], self.bases[which], self.end)
