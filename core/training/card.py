"""What a trained model says of itself: what it learnt from, for how long, how good it is.

Needs no screen.
"""

import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from core.jobs import TrainingJob
from core.training.outcome import Outcome
from core.training.run import TrainingRun
from core.training.store import Facts


def make_card(
    job: TrainingJob, facts: Facts, run: TrainingRun, outcome: Outcome, *, hardware: str
) -> dict[str, Any]:
    """Return what a model says of itself: what it learnt from, for how long, how good it is."""
    progress = run.progress
    return {
        "format": 1,
        "name": job.name,
        "level": job.level,
        "folding": facts.folding,
        "parent": facts.parent,
        "parent_version": facts.parent_version,
        "paths": facts.paths,
        "trained_on": facts.sources,
        "left_out": facts.left_out,
        "characters": facts.characters,
        "held_out": {
            "characters": facts.held_out_characters,
            "network_alone": outcome.network_alone and round(outcome.network_alone, 4),
            "how": facts.held_out_how,
        },
        "familiar": outcome.familiar,
        "steps": progress.best_step,
        "tokens_seen": progress.tokens,
        "minutes": round(progress.seconds / 60, 2),
        "hardware": hardware,
        "seed": job.seed,
        "job": job.as_json(),
        "plan": asdict(run.chosen),
        "history": progress.history,
        "versions": {
            "foretype": version("foretype"),
            "torch": version("torch"),
            "tokenizers": version("tokenizers"),
            "python": platform.python_version(),
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
