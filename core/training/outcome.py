"""What a network is worth on the held-out text, with the corpus memory that goes beside it.

Needs no screen.
"""

from dataclasses import dataclass
from pathlib import Path

from core.jobs import TrainingJob
from core.prediction.familiarity import fit_limits, limits_of, widest
from core.training.mixing import fit_and_measure, judge
from core.training.run import TrainingRun
from core.training.store import Prepared
from models.checkpoint import read_card
from models.counting import count_memory
from models.gate import Mixture

ORDERS = 5
"""Longest n-grams of a memory that goes beside a network."""


@dataclass(frozen=True)
class Outcome:
    """What training made, apart from the weights."""

    network_alone: float | None
    """Bits per character of the network without any memory; None where it is the parent's."""
    mixture: Mixture | None
    """The corpus memory that goes beside it."""
    familiar: dict[str, list[float]] | None
    """Within what its bigrams find the held-out text (core.prediction.familiarity)."""


def assess(job: TrainingJob, prepared: Prepared, run: TrainingRun) -> Outcome:
    """Measure a run's network as it is; count a corpus memory where the job asks for one."""
    if job.memory_only:
        return Outcome(None, prepared.parent_mixture, _familiar(prepared, prepared.parent_mixture))
    alone = prepared.bits_per_character(run.measure(prepared.measured))
    mixture = prepared.parent_mixture
    if job.memory and prepared.facts.parent is None:
        memory = count_memory(prepared.tokens, prepared.tokenizer.size, ORDERS, entries=job.memory)
        gate, _ = fit_and_measure(judge(run.model, memory, prepared.held_out))
        mixture = Mixture(memory, gate)
    return Outcome(alone, mixture, _familiar(prepared, mixture))


def _familiar(prepared: Prepared, mixture: Mixture | None) -> dict[str, list[float]] | None:
    """Return the limits of what the model knows: its parent's, widened by its own held-out text."""
    if mixture is None:
        return None
    own = fit_limits(mixture.memory, prepared.tokenizer.pieces, prepared.held_out)
    folder = prepared.facts.parent_folder
    if folder is None:
        return own
    parents = limits_of(read_card(Path(folder)).get("familiar"))
    return widest(parents, own) if parents is not None else None
