"""What the engine's handlers share: answers in the protocol's shape, and facts about the process and its model.

Needs no screen. torch-free as long as nothing is loaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core import protocol
from core.encodings import decode
from core.errors import UserError
from core.protocol import Json

if TYPE_CHECKING:
    from core.decoding import Branch, Completion
    from core.engine import Call
    from core.predictor import Predictor
    from models.checkpoint import Checkpoint


def silent(why: protocol.Silence, call: Call) -> protocol.Suggestion:
    """A suggestion that is none."""
    return {
        "ghost": "",
        "probability": 0.0,
        "alternatives": [],
        "silence": why,
        "milliseconds": call.milliseconds(),
    }


def as_suggestion(found: Completion, call: Call) -> protocol.Suggestion:
    """A completion as the protocol has it."""
    return {
        "ghost": found.ghost,
        "probability": rounded(found.probability),
        "alternatives": [
            {"text": other.text, "probability": rounded(other.probability)} for other in found.alternatives
        ],
        "silence": found.silence,
        "milliseconds": call.milliseconds(),
    }


def rounded(probability: float) -> float:
    """A probability to six decimal places; what lies beyond is noise."""
    return round(probability, 6)


def as_branch(branch: Branch) -> protocol.Branch:
    """A branch as the protocol has it."""
    return {
        "text": branch.text,
        "probability": rounded(branch.probability),
        "steps": [{"text": step.text, "probability": rounded(step.probability)} for step in branch.steps],
    }


def describe(name: str, checkpoint: Checkpoint, predictor: Predictor) -> protocol.LoadedModel:
    """What `load` says of a model."""
    config = checkpoint.model.config
    weights = sum(weight.numel() for weight in checkpoint.model.parameters())
    held_out: object = checkpoint.card.get("held_out")
    bits = cast("Json", held_out).get("bits_per_character") if isinstance(held_out, dict) else None
    return {
        "name": name,
        "level": predictor.tokenizer.level,
        "cell": config.cell,
        "layers": config.layers,
        "hidden": config.hidden,
        "weights": weights,
        "vocabulary": config.vocabulary,
        "form": predictor.form,
        "bits_per_character": float(bits) if isinstance(bits, int | float) else None,
        "megabytes": round(weights * (1 if predictor.form == "int8" else 4) / 1e6, 1),
    }


def warm_up(predictor: Predictor) -> None:
    """Have everything run once, so that the first key is not slower than the others."""
    from core.decoding import complete
    from core.session import context_of

    complete(context_of(predictor, "It was the first of the day, and the "))


def read_text(file: str) -> str:
    """The text of a file to be scored; raises UserError naming it."""
    try:
        data = Path(file).read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a path"
        raise UserError(f"{file}: {why}; name a text file") from error
    text, _ = decode(data, Path(file).name)
    return text.replace("\r\n", "\n")


def memory_megabytes() -> float:
    """Resident memory of this process."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        size = pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        import resource

        # macOS gives bytes, others kilobytes; the most it ever was is the nearest there is.
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return round(size / 1e6, 1)


def return_memory() -> None:
    """Give back to the system what loading took and left, where the C library can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
