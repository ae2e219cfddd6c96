"""How far back it pays to read: bits per character after the last so many characters, and what a session reads.

Each stretch is predicted after windows of several lengths that end where it begins. A session reads from one to two of
the windows that core/prediction/session.py keeps to, so beyond that length nothing should be gained.
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np
import torch

from benchmarks.common import Table, data_folder, real_text, show
from core.library.library import Library
from core.prediction.predictor import Predictor
from core.prediction.session import WINDOW
from models.checkpoint import load_checkpoint

WINDOWS = (125, 250, 500, 1000, 2000, 4000, 8000)
STRETCH = 300
"""Characters predicted after each window."""
PIECE = 256
"""Tokens that are read at a time."""


def held_out() -> tuple[list[str], str]:
    """Return the English authors' held-out texts, or the text of the other benchmarks, and what they are."""
    files = sorted((data_folder() / "authors").glob("*/heldout.txt"))
    files = [file for file in files if not file.parent.name.startswith("id_")]
    if not files:
        text, what = real_text(2 * WINDOWS[-1])
        return [text], what
    return [file.read_text(encoding="utf-8") for file in files], ", ".join(file.parent.name for file in files)


def stretch_bits(predictor: Predictor, before: str, stretch: str) -> float:
    """Return the bits per character of a stretch after a text."""
    context = predictor.encode(predictor.fold(before))
    targets = predictor.encode(predictor.fold(stretch))
    state = predictor.start
    for at in range(0, len(context), PIECE):
        state = predictor.run(context[at : at + PIECE], state)[-1]
    logs, _ = predictor.score(targets, state)
    return -sum(logs) / math.log(2) / len(stretch)


def tables(name: str, places: int) -> list[Table]:
    """Measure."""
    torch.set_num_threads(1)
    predictor = Predictor(load_checkpoint(Library().find(name).folder))
    texts, what = held_out()
    longest = WINDOWS[-1]
    found: dict[int, list[float]] = {window: [] for window in WINDOWS}
    for text in texts:
        for start in np.linspace(longest, len(text) - STRETCH, places).astype(int).tolist():
            for window, bits in found.items():
                stretch = text[start : start + STRETCH]
                bits.append(stretch_bits(predictor, text[start - window : start], stretch))
    most = np.array(found[longest])
    rows: list[list[str]] = []
    for window, bits in found.items():
        more = np.array(bits) - most
        error = float(more.std(ddof=1)) / math.sqrt(len(more)) if len(more) > 1 else 0.0
        read = "a session reads at least this" if window == WINDOW else ""
        read = "and at most this" if window == 2 * WINDOW else read
        rows.append([f"{window:,}", f"{np.mean(bits):.4f}", f"{more.mean():+.4f}", f"{error:.4f}", read])
    notes = [f"{len(most)} stretches of {STRETCH} characters of {what}."]
    headers = ("characters read", "bits per character", f"against {longest:,}", "standard error", "")
    return [Table(f"Reading back, {name}", headers, rows, notes)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.window", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--places", type=int, default=12, help="stretches of each text (default: 12)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.model, options.places))


if __name__ == "__main__":
    sys.exit(main())
