"""How readily a ghost shows, in words that a person chooses from.

Needs no screen and no torch. On the wire eagerness is a threshold on the ghost's probability, 0 to 1: the
more eager, the lower.
"""

from __future__ import annotations

from typing import Final

THRESHOLDS: Final[dict[str, float]] = {"low": 0.6, "medium": 0.45, "high": 0.25, "always": 0.0}
"""Threshold of each choice, from the least eager to the most.

The first word is wrong in about a fifth, a third and half of the ghosts that the base model shows to who looks at each,
at the choices but the last (docs/performance.md; benchmarks/eagerness.py measures it).
"""

NAMES: Final = tuple(THRESHOLDS)
DEFAULT: Final = "medium"


def threshold(name: str) -> float:
    """Return the threshold that a choice stands for. Raises KeyError for a word that is no choice."""
    return THRESHOLDS[name]


def named(value: float) -> str | float:
    """Return the word for a threshold that has one, else the threshold itself: how it stands in the settings."""
    return next((name for name, least in THRESHOLDS.items() if least == value), value)


def nearest(value: float) -> str:
    """Return the choice whose threshold is nearest to `value`; the less eager one of two equally near."""
    return min(NAMES, key=lambda name: abs(THRESHOLDS[name] - value))
