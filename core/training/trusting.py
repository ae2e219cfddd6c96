"""How far a person's memory is trusted: the gate that ships, fitted further to this person where that holds good.

Needs no screen. Fitted on held-out text: what neither network nor memory has learnt from. Little text says little, so
the fitted gate must do better on text that it was not fitted to, or the one that ships stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.prediction.predictor import Predictor
from core.prediction.replay import learn_from
from models.blend import EXPERTS, HIDDEN, INPUTS, Blend, Lesson, fit_blend, shipped_blend
from models.checkpoint import Checkpoint

LEAST_TOKENS = 400
"""Held-out tokens that are worth fitting anything to."""
STEPS = 150
"""Updates from the gate that ships; from none, as many as `fit_blend` makes by itself."""
RATE = 0.003


def fit_gate(checkpoint: Checkpoint, texts: Sequence[str], characters: int) -> Blend | None:
    """Return a gate for a model and its memory, or None where the one that ships does as well.

    Args:
        checkpoint: the model, with what it remembers.
        texts: held-out texts that nothing will be proved by.
        characters: how much of them to read.
    """
    if checkpoint.personal is None or checkpoint.personal.phrases.empty:
        return None
    start = shipped_blend()
    predictor = Predictor(
        replace(checkpoint, personal=replace(checkpoint.personal, blend=start or _trusting_nobody()))
    )
    lesson = _joined([learn_from(predictor, text) for text in beginnings(texts, characters)])
    if lesson is None or len(lesson.experts) < LEAST_TOKENS:
        return None if start is not None else _trusting_nobody()
    middle = len(lesson.experts) // 2
    halves = _part(lesson, slice(middle)), _part(lesson, slice(middle, None))
    kept = sum(half.loss(start) for half in halves)
    fitted = sum(test.loss(_fit(learnt, start)) for learnt, test in (halves, halves[::-1]))
    if fitted < kept:
        return _fit(lesson, start)
    return None if start is not None else _trusting_nobody()


def _fit(lesson: Lesson, start: Blend | None) -> Blend:
    return fit_blend(lesson) if start is None else fit_blend(lesson, start, STEPS, RATE)


def _trusting_nobody() -> Blend:
    """A gate that leaves nearly all to the model, whatever it sees."""
    return Blend(
        {
            "mean": np.zeros(INPUTS, np.float32),
            "scale": np.ones(INPUTS, np.float32),
            "hidden": np.zeros((INPUTS, HIDDEN), np.float32),
            "bias": np.zeros(HIDDEN, np.float32),
            "output": np.zeros((HIDDEN, EXPERTS - 1), np.float32),
            "shift": np.full(EXPERTS - 1, -6, np.float32),
        }
    )


def beginnings(texts: Sequence[str], characters: int) -> list[str]:
    """Return the beginnings of texts, about `characters` in all."""
    total = sum(map(len, texts))
    if total <= characters:
        return [text for text in texts if text.strip()]
    cut = [text[: max(1, len(text) * characters // total)] for text in texts]
    return [text for text in cut if text.strip()]


def _joined(lessons: Sequence[Lesson]) -> Lesson | None:
    if not lessons:
        return None
    return Lesson(
        np.concatenate([lesson.features for lesson in lessons]),
        np.concatenate([lesson.experts for lesson in lessons]),
    )


def _part(lesson: Lesson, rows: slice) -> Lesson:
    return Lesson(lesson.features[rows], lesson.experts[rows])
