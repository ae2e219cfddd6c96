"""What the choices of eagerness mean: how many ghosts are shown, how many begin wrong, and what they save.

The simulated typist (core/prediction/scoring.py) types the same characters of each author's held-out text at every
choice.
"""

from __future__ import annotations

import argparse
import sys

import torch

from benchmarks.common import Table, show
from benchmarks.window import held_out
from core.eagerness import THRESHOLDS
from core.library.library import Library
from core.prediction.predictor import Predictor
from core.prediction.scoring import AppGhost, Typed, finish, type_through
from models.checkpoint import load_checkpoint

START = 2000
WORDS = 6
BARS = {"medium": "45"}


def type_all(predictor: Predictor, texts: list[str], characters: int, threshold: float) -> list[Typed]:
    """Type the same part of each text."""
    typed: list[Typed] = []
    for text in texts:
        end = min(len(text), START + characters)
        typed.append(
            finish(type_through(text, AppGhost(predictor, text, START, threshold, WORDS), START, end))
        )
    return typed


def tables(name: str, characters: int) -> list[Table]:
    """Type at every choice."""
    torch.set_num_threads(1)
    predictor = Predictor(load_checkpoint(Library().find(name).folder))
    texts, what = held_out()
    rows: list[list[str]] = []
    for choice, threshold in THRESHOLDS.items():
        typed = type_all(predictor, texts, characters, threshold)
        shown = [max(1, each.ghosts_shown) for each in typed]
        wrong = [100 * each.wrong_first_words / count for each, count in zip(typed, shown, strict=True)]
        rows.append(
            [
                choice,
                f"{threshold:.2f}",
                f"{sum(wrong) / len(wrong):.0f}",
                " ".join(f"{each:.0f}" for each in wrong),
                BARS.get(choice, ""),
                f"{100 * sum(each.keys_saved for each in typed) / len(typed):.1f}",
                f"{sum(shown) / sum(each.keys for each in typed):.2f}",
            ]
        )
    headers = (
        "eagerness",
        "threshold",
        "first word wrong, %",
        "of each text",
        "bar",
        "keys saved, %",
        "ghosts a key",
    )
    notes = [f"{characters:,} characters each of {what}; means over texts."]
    return [Table(f"Choices of eagerness, {name}", headers, rows, notes)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.eagerness", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--characters", type=int, default=1000, help="typed of each text (default: 1,000)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.model, options.characters))


if __name__ == "__main__":
    sys.exit(main())
