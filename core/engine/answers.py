"""What the engine's handlers share: answers in the protocol's shape, and facts about the process and its model.

Needs no screen. torch-free as long as nothing is loaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import sys
from bisect import bisect_right
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core import protocol
from core.drafts.document import Document
from core.drafts.encodings import decode
from core.errors import UserError
from core.library.library import Library
from core.protocol import Json, Position

if TYPE_CHECKING:
    from core.engine.process import Call
    from core.prediction.decoding import Branch, Completion, Word
    from core.prediction.predictor import Predictor
    from core.prediction.session import Session
    from models.checkpoint import Checkpoint


@dataclass(eq=False)
class Draft:
    """An open draft; its session is made when it is first asked for, and anew for another model."""

    document: Document
    session: Session | None = None
    broken: bool = False
    """Whether an edit did not fit: what the client has is no longer what is here."""


def initialize() -> Json:
    """What the engine is and which models it could load."""
    try:
        version = metadata.version("foretype")
    except metadata.PackageNotFoundError:
        version = "0"
    try:
        names = [entry.name for entry in Library().entries()]
    except (UserError, OSError):
        names = []
    return {"version": version, "models": names}


def silent(why: protocol.Silence, call: Call) -> protocol.Suggestion:
    """A suggestion that is none."""
    return {
        "ghost": "",
        "probability": 0.0,
        "whole": 0.0,
        "alternatives": [],
        "silence": why,
        "source": None,
        "milliseconds": call.milliseconds(),
    }


def as_suggestion(found: Completion, source: str | None, call: Call) -> protocol.Suggestion:
    """A completion as the protocol has it; `source` is the document that it is from."""
    return {
        "ghost": found.ghost,
        "probability": rounded(found.first),
        "whole": rounded(found.probability),
        "alternatives": [
            {"text": other.text, "probability": rounded(other.first), "whole": rounded(other.probability)}
            for other in found.alternatives
        ],
        "silence": found.silence,
        "source": source,
        "milliseconds": call.milliseconds(),
    }


def rounded(probability: float) -> float:
    """A probability to six decimal places; what lies beyond is noise."""
    return round(probability, 6)


def as_word(word: Word) -> protocol.NextWord:
    """A next word as the protocol has it."""
    return {
        "text": word.text,
        "rest": word.rest,
        "probability": rounded(word.probability),
        "plain": rounded(word.plain),
    }


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
    from core.prediction.decoding import complete
    from core.prediction.session import context_of

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


def between(document: Document, start: Position, end: Position) -> str:
    """The text of a document from one position to another."""
    lines = document.lines[start[0] : end[0] + 1]
    lines[-1] = lines[-1][: end[1]]
    lines[0] = lines[0][start[1] :]
    return "\n".join(lines)


class Places:
    """Positions in a draft of offsets in a stretch of it."""

    def __init__(self, stretch: str, start: Position) -> None:
        self._start = start
        self._lines = [0, *(match.end() for match in re.finditer("\n", stretch))]

    def at(self, offset: int) -> list[int]:
        """The position of an offset, as the protocol has it."""
        row = bisect_right(self._lines, offset) - 1
        column = offset - self._lines[row]
        return [self._start[0] + row, column + (self._start[1] if row == 0 else 0)]
