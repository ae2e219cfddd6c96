"""How much memory a training takes, told before it begins, and how much there is. Needs no screen and no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.jobs import TrainingJob
from core.training.recipe import recipe_for

GATES: Final[Mapping[str, int]] = {"lstm": 4, "gru": 3, "rnn": 1}
"""Blocks of weights in a layer of each cell."""
COPIES: Final = 5
"""Weights, gradient, the two moments of AdamW, and the best weights so far."""
FLOAT: Final = 4
"""Bytes of a weight."""
MOST_WEIGHTS: Final = 1_000_000_000
"""A checkpoint with more is not loaded."""
LEAST_VOCABULARY: Final = 257
"""Tokens of the smallest tokenizer: what is known before the texts are read."""


def count_weights(job: TrainingJob, vocabulary: int) -> int:
    """Return the weights of the network that a job makes from nothing; embedding and output share theirs."""
    hidden = recipe_for(job).hidden
    embedding = job.embedding or hidden
    gates = GATES[job.cell]
    first = gates * (embedding * hidden + hidden * hidden + 2 * hidden)
    others = (job.layers - 1) * gates * (2 * hidden * hidden + 2 * hidden)
    projection = (hidden + 1) * embedding if embedding != hidden else 0
    return vocabulary * (embedding + 1) + first + others + projection


def bytes_needed(job: TrainingJob, vocabulary: int) -> int:
    """Return about how many bytes training such a network takes: its weights several times, and a window's values."""
    chosen = recipe_for(job)
    a_token = job.layers * (2 * GATES[job.cell] + 2) * chosen.hidden
    return FLOAT * (COPIES * count_weights(job, vocabulary) + chosen.streams * chosen.window * a_token)


def check_fits(job: TrainingJob, vocabulary: int, available: int | None) -> None:
    """Refuse a network that is too large for this machine.

    Args:
        job: what is to be trained from nothing; one with a parent has its sizes from there and is let through.
        vocabulary: tokens, or LEAST_VOCABULARY while the texts are not read.
        available: bytes there are; None where nobody knows.

    Raises:
        UserError: naming the sizes.
    """
    if job.parent is not None:
        return
    weights, needed = count_weights(job, vocabulary), bytes_needed(job, vocabulary)
    hidden = recipe_for(job).hidden
    network = f"{job.layers} x {hidden:,} {job.cell} with {vocabulary:,} tokens has {weights:,} weights"
    advice = "use fewer --layers, a smaller --hidden or a smaller --vocabulary"
    if weights > MOST_WEIGHTS:
        raise UserError(f"{network}, more than the {MOST_WEIGHTS:,} that a model may have: {advice}")
    if available is not None and needed > available:
        sizes = f"about {_size(needed)} to train, and {_size(available)} are free"
        raise UserError(f"{network} and needs {sizes}: {advice}")


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def available_memory(root: Path = Path("/")) -> int | None:
    """Return the bytes that this process may still take without swapping; None where the system does not say.

    Args:
        root: where the system's files are, for tests.
    """
    known = [size for size in (_free_by_system(root), _free_by_group(root)) if size is not None]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _free_by_system(root: Path) -> int | None:
    """Return what Linux estimates new programs could have."""
    kilobytes = _field(root / "proc/meminfo", "MemAvailable:")
    return None if kilobytes is None else kilobytes * 1024


def _free_by_group(root: Path) -> int | None:
    """Return what a container's limit leaves, files that are only cached not counted (control groups 2)."""
    folder = root / "sys/fs/cgroup"
    try:
        limit = int((folder / "memory.max").read_text())
        used = int((folder / "memory.current").read_text())
    except (OSError, ValueError):  # no group, or no limit: the file says "max"
        return None
    return max(0, limit - used + (_field(folder / "memory.stat", "file") or 0))


def _field(file: Path, name: str) -> int | None:
    """Return the number after a name in a file of names and numbers."""
    try:
        for line in file.read_text("ascii", "replace").splitlines():
            words = line.split()
            if len(words) > 1 and words[0] == name:
                return int(words[1])
    except (OSError, ValueError):
        pass
    return None
