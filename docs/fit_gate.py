"""Fit the gate that ships (models/blend.json) to other people's text: `python docs/fit_gate.py CORPUS > blend.json`.

Each of many documents that the base model was not trained on is read as if it were being written, by someone whose own
documents are those most like it: none, or 20 KB to 1.2 MB of them. The part of valid.txt on which the base model's card
was measured is left out. 66,000 tokens were read for the gate that ships, in twenty minutes on a busy core.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from core.library.library import base_folder
from core.library.personal import OwnFile, build_memory
from core.prediction.predictor import Predictor
from core.prediction.replay import learn_from
from models.blend import EXPERTS, HIDDEN, INPUTS, Blend, Lesson, fit_blend
from models.checkpoint import load_checkpoint

MEASURED = 597_000
"""Characters at the beginning of valid.txt that the card speaks of."""
OTHERS = 9_000_000
"""Characters of training text that memories may be of."""
SIZES = (0, 20_000, 60_000, 200_000, 600_000, 1_200_000)
LENGTHS = (3_000, 3_000, 6_000, 9_000)
LEAST = 2_500
DIMENSIONS = 4096
UNLIKE = 0.15
"""Share of readings with documents that are not much alike: a memory may also know nothing of a text."""
_WORD = re.compile(r"[A-Za-z]{3,}")

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def vectors(documents: Sequence[str]) -> Vectors:
    """Return what tells how much documents are alike: weighted word counts, hashed; (documents, DIMENSIONS)."""
    counts = np.zeros((len(documents), DIMENSIONS), np.float32)
    for row, document in zip(counts, documents, strict=True):
        for word in _WORD.findall(document.lower()):
            row[zlib.crc32(word.encode()) % DIMENSIONS] += 1
    weighted = np.log1p(counts) * np.log(len(documents) / (1 + (counts > 0).sum(0)))
    return weighted / (np.linalg.norm(weighted, axis=1, keepdims=True) + 1e-9)


def own_documents(documents: Sequence[str], order: Sequence[int], size: int) -> list[OwnFile]:
    """Return the first documents in an order, of so many characters in all."""
    chosen: list[OwnFile] = []
    for index in order:
        if size <= 0:
            break
        chosen.append(OwnFile(str(index), "", "", (documents[index][:size],)))
        size -= len(documents[index])
    return chosen


def blank() -> Blend:
    """Return a gate, as a predictor recalls nothing without one; what it says does not matter here."""
    sizes = {"mean": (INPUTS,), "scale": (INPUTS,), "hidden": (INPUTS, HIDDEN), "bias": (HIDDEN,)}
    sizes |= {"output": (HIDDEN, EXPERTS - 1), "shift": (EXPERTS - 1,)}
    return Blend({name: np.zeros(size, np.float32) for name, size in sizes.items()})


def lessons(corpus: Path, tokens: int, seed: int) -> Lesson:
    """Read so many tokens, document by document."""
    checkpoint = load_checkpoint(base_folder() or "models/base")
    base = Predictor(checkpoint)
    valid = (corpus / "valid.txt").read_text(encoding="utf-8")
    held_out = [part for part in valid[MEASURED:].split("\f")[1:] if part.strip()]
    with lzma.open(corpus / "train-4.txt.xz", "rt", encoding="utf-8") as stream:
        documents = held_out + stream.read(OTHERS).split("\f")
    alike, generator = vectors(documents), random.Random(seed)
    targets = [index for index, text in enumerate(held_out) if len(text) > LEAST]
    generator.shuffle(targets)
    parts: list[Lesson] = []
    for target in targets:
        order = [int(index) for index in np.argsort(-(alike @ alike[target])) if index != target]
        skipped = len(order) // 20 if generator.random() < UNLIKE else 0
        files = own_documents(documents, order[skipped:], generator.choice(SIZES))
        own = build_memory(files, base.tokenizer, folding=base.folding) if files else None
        person = Predictor.of(base.stepper, base.tokenizer, base.folding, base.mixture, own, blank())
        parts.append(learn_from(person, documents[target][: generator.choice(LENGTHS)]))
        read = sum(len(part.experts) for part in parts)
        print(f"{read:,} of {tokens:,} tokens", file=sys.stderr)
        if read >= tokens:
            break
    features = np.concatenate([part.features for part in parts])
    return Lesson(features, np.concatenate([part.experts for part in parts]))


def rounded(value: object) -> object:
    """Return numbers with five digits."""
    return [rounded(each) for each in value] if isinstance(value, list) else float(f"{value:.5g}")


def main() -> None:
    """Fit a gate and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="the folder with valid.txt and train-4.txt.xz")
    parser.add_argument("--tokens", type=int, default=66_000)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    blend = fit_blend(lessons(options.corpus, options.tokens, options.seed))
    print(
        json.dumps({name: rounded(value) for name, value in blend.as_json().items()}, separators=(",", ":"))
    )


if __name__ == "__main__":
    main()
