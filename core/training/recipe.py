"""How a network is made and how it learns where a job leaves that open: it depends on how much text there is.

Needs no screen and no torch. The numbers were found by measuring (docs/base-model.md).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from core.jobs import TrainingJob

LARGE: dict[str, int] = {"subword": 2_000_000, "char": 20_000_000, "word": 2_000_000}
"""Tokens from which a text feeds a wide network."""
GENTLE, GENTLE_TOKENS = 3e-4, 50_000
"""The learning rate that was found best for going on from a parent with a text of so many tokens (200 KB); for six
times as much it was 1e-3, for a tenth as much that did harm."""
TUNING_PASSES = 4.0
"""Passes over the text after which going on from a parent brings no more, where the job does not say how many."""


@dataclass(frozen=True)
class Recipe:
    """What `TrainingJob` may leave open; the job's own values where it has them."""

    hidden: int
    dropout: float
    streams: int
    window: int
    learning_rate: float


def recipe_for(job: TrainingJob, tokens: int = 0) -> Recipe:
    """Return what a job says, and what suits a text of so many tokens where it says nothing.

    A small text has few windows in a pass, so it gets fewer streams and with them more updates; it gets a narrow
    network, which learns more in the same time, and more dropout, because it is read again and again.
    """
    usual = _from_nothing(job.level, tokens) if job.parent is None else _going_on(tokens)
    chosen = {name: getattr(job, name) for name in asdict(usual)}
    return replace(usual, **{name: value for name, value in chosen.items() if value is not None})


def settled(job: TrainingJob, tokens: int) -> TrainingJob:
    """Return the job with nothing left open."""
    chosen = asdict(recipe_for(job, tokens))
    if job.parent is not None:
        del chosen["hidden"]  # the parent's own
    return replace(job, **chosen)


def _from_nothing(level: str, tokens: int) -> Recipe:
    window = 64 if tokens > LARGE[level] else 32
    streams = 8 if tokens < 100_000 else 16 if tokens < 4_000_000 else 32
    if tokens > LARGE[level]:
        return Recipe(512, 0.1, streams, window, 2e-3)
    return Recipe(256, 0.2 if level == "char" else 0.4, streams, window, 4e-3)


def _going_on(tokens: int) -> Recipe:
    """A parent's network has its sizes. The less text, the gentler: at a high rate little text does harm."""
    rate = min(GENTLE * max(tokens / GENTLE_TOKENS, 0.5) ** 0.65, 1e-3)
    streams = min(32, max(8, tokens // 3_000))
    return Recipe(0, 0.2 if tokens < 2 * GENTLE_TOKENS else 0.1, streams, 64, rate)
