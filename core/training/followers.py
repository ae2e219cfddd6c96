"""Ranks that do not lead a training: they make the run that the leader describes, and then what it orders.

Needs no screen.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.training.devices import choose_device
from core.training.ranks import Order, Ranks
from core.training.run import Hyperparameters, TrainingRun
from core.training.streams import Tokens
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel


@dataclass(frozen=True)
class _Plan:
    """All that a rank needs to make its run: no file, so that ranks may be on several machines."""

    config: ModelConfig
    tokens: Tokens
    chosen: Hyperparameters


def begin(
    model: RecurrentLanguageModel, tokens: Tokens, chosen: Hyperparameters, ranks: Ranks
) -> TrainingRun:
    """Make a run on all ranks; called on the one that leads."""
    if ranks.size > 1:
        ranks.order(Order.BEGIN)
        ranks.share(_Plan(model.config, np.array(tokens), chosen))
    return TrainingRun(model, tokens, chosen, ranks)


def end(ranks: Ranks, ending: object) -> None:
    """Have the others end with the same result or exception as the one that leads."""
    ranks.order(Order.END)
    ranks.share(ending)


def follow(ranks: Ranks) -> Any:
    """Do what is ordered until the end; return the leader's result, or raise what it raised."""
    run: TrainingRun | None = None
    while True:
        order, fraction = ranks.hear()
        if order is Order.BEGIN:
            run = _make(ranks.share(), ranks)
        elif order is Order.END:
            ending: object = ranks.share()
            if isinstance(ending, Exception):
                raise ending
            return ending
        elif run is not None:
            _do(run, order, fraction)


def _make(plan: _Plan | None, ranks: Ranks) -> TrainingRun:
    assert plan is not None
    torch.manual_seed(plan.chosen.seed + ranks.rank)  # each drops units of its own
    model = RecurrentLanguageModel(plan.config).to(choose_device())
    return TrainingRun(model, plan.tokens, plan.chosen, ranks)


def _do(run: TrainingRun, order: Order, fraction: float) -> None:
    if order is Order.STEP:
        run.step(fraction)
    elif order is Order.LOAD:
        run.take()
    elif order is Order.SAVE:
        run.give()
