"""What a network is worth on the held-out text, with the memory that goes beside it.

Needs no screen.
"""

import math
from dataclasses import dataclass

from core.jobs import TrainingJob
from core.mixing import fit_and_measure, judge
from core.training_run import TrainingRun
from core.training_store import Prepared
from models.counting import count_memory
from models.gate import Mixture

ORDERS = 5
"""Longest n-grams of a memory that goes beside a network."""


@dataclass(frozen=True)
class Outcome:
    """Bits per character on the whole held-out text, and the memory that helped."""

    bits_per_character: float
    """Of what will be used: network and memory together where there is a memory."""
    network_alone: float
    """Of the network without its memory."""
    mixture: Mixture | None


def assess(job: TrainingJob, prepared: Prepared, run: TrainingRun) -> Outcome:
    """Measure a run's network as it is, with its parent's memory or with a new one where the job asks for that."""
    alone = run.measure(prepared.held_out)
    mixture = prepared.parent_mixture
    loss = alone
    if mixture is not None:
        loss = judge(run.model, mixture.memory, prepared.held_out).loss(mixture.gate)
    elif job.memory and prepared.facts.parent is None:
        memory = count_memory(prepared.tokens, prepared.tokenizer.size, ORDERS, entries=job.memory)
        gate, loss = fit_and_measure(judge(run.model, memory, prepared.held_out))
        mixture = Mixture(memory, gate)
    return Outcome(_bits(prepared, loss), _bits(prepared, alone), mixture)


def _bits(prepared: Prepared, loss: float) -> float:
    nats = loss * (len(prepared.held_out) - 1)
    return nats / math.log(2) / prepared.facts.chosen_by_characters
