"""What learning brings: keys saved on each author's held-out text, with the base model, with memory, after training.

    python -m benchmarks.learning                          all authors, 10 minutes each
    python -m benchmarks.learning --authors techblog_matklad --minutes 3 --chars 3000
    python -m benchmarks.learning --kilobytes 20 200       never worse, however little text there is
    python -m benchmarks.learning --forget 200             phrases of forgotten documents that are still offered

An author's `train/` is learnt from; `heldout.txt` never is: it is typed with the model before and the one after, and
the interval is of the difference. With --general FILE (the base's own held-out text) what was
forgotten is measured too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.jobs import TrainingJob
from core.library.library import Library
from core.prediction.predictor import Predictor
from core.reading.corpus import TextDocument, read_paths
from core.training.pipeline import train
from core.training.proof import Proof, prove
from models.checkpoint import load_checkpoint

ENGLISH = ("blog_benbalter", "diary_barbellion", "novelist_wodehouse", "techblog_matklad")
OTHER = "id_dasar_golang"
GENERAL_CHARACTERS = 30_000


def authors_folder() -> Path:
    """The folder of the authors' texts."""
    return Path(os.environ.get("FORETYPE_DATA", "../shared/data")) / "authors"


def excerpt(author: Path, kilobytes: float | None, folder: Path, seed: int = 0) -> Path:
    """Return a folder with so much of an author's text, whole files first, drawn at random."""
    if kilobytes is None:
        return author / "train"
    target = folder / f"{author.name}-{kilobytes:g}"
    target.mkdir()
    left = int(kilobytes * 1000)
    documents: list[TextDocument] = read_paths([author / "train"]).documents
    random.Random(seed).shuffle(documents)
    for number, document in enumerate(documents):
        text = document.text[:left]
        (target / f"{number:03}.txt").write_text(text, encoding="utf-8")
        left -= len(text)
        if left <= 0:
            break
    return target


def learn(
    author: Path, options: argparse.Namespace, kilobytes: float | None, minutes: float
) -> dict[str, Any]:
    """Train on an author's text and measure on the held-out text; returns the figures."""
    parent = None if author.name == OTHER else "base"
    with tempfile.TemporaryDirectory() as scratch:
        source = excerpt(author, kilobytes, Path(scratch))
        job = TrainingJob(
            (str(source.resolve()),), author.name, parent, minutes=minutes, threads=options.threads
        )
        began = time.monotonic()
        finished = train(job, lambda event: None)
        seconds = time.monotonic() - began
    after, before = Path(finished.folder), Library().find("base").folder
    text = (author / "heldout.txt").read_text(encoding="utf-8")
    proof = measure(text, after, before, options.chars)
    figures: dict[str, Any] = {
        "author": author.name,
        "kilobytes": kilobytes,
        "minutes": minutes,
        "seconds": round(seconds, 1),
        "became_current": finished.became_current,
        "own_proof": [finished.keys_saved_before, finished.keys_saved, finished.keys_low, finished.keys_high],
        "share_of_tuning": Library().find(author.name).card["held_out"].get("share_of_tuning"),
        **{key: value for key, value in asdict(proof).items() if key != "difference"},
        "difference": proof.difference,
    }
    if options.general is not None and parent is not None:
        figures["forgotten_bits"] = forgotten(options.general, after, before)
    if options.forget:
        figures["still_offered"] = still_offered(author.name, options.forget)
    shutil.rmtree(Library().folder_of(author.name))
    return figures


def measure(text: str, after: Path, before: Path, characters: int) -> Proof:
    """Type a text with two models."""
    models = [Predictor(load_checkpoint(folder)) for folder in (after, before)]
    return prove([text], models[0], models[1], seconds=float("inf"), characters=characters)


def forgotten(general: Path, after: Path, before: Path) -> float:
    """Bits per character more that general text costs after training, without any memory of the person."""
    text = general.read_text(encoding="utf-8").replace("\f", "")[:GENERAL_CHARACTERS]
    proof = prove(
        [text],
        Predictor(load_checkpoint(after)),
        Predictor(load_checkpoint(before)),
        seconds=0,
        characters=1,
    )
    assert proof.before is not None
    return round(proof.after.bits_per_character - proof.before.bits_per_character, 4)


def still_offered(name: str, count: int) -> int:
    """Phrases of eight words, of a document that was forgotten, that the memory still recalls."""
    from core.library.librarian import forget
    from core.params import Params

    entry = Library().find(name)
    checkpoint = load_checkpoint(entry.folder)
    assert checkpoint.personal is not None
    document = max(checkpoint.personal.documents, key=lambda each: each.characters)
    tokens = checkpoint.personal.tokens_of(document)
    words = checkpoint.tokenizer.decode([int(token) for token in tokens]).split()
    forget(Params({"model": name, "file": document.path}))
    kept = load_checkpoint(entry.folder).personal
    assert kept is not None
    left = checkpoint.tokenizer.decode([int(token) for token in kept.phrases.tokens])
    left = " ".join(left.split())
    phrases = [" ".join(words[at : at + 8]) for at in range(0, len(words) - 8, max(1, len(words) // count))]
    return sum(phrase in left for phrase in phrases[:count])


def row(figures: dict[str, Any]) -> str:
    """One line for a person."""
    before, after = figures["before"], figures["after"]
    low, high = figures["difference"] or (0.0, 0.0)
    size = "all" if figures["kilobytes"] is None else f"{figures['kilobytes']:g} KB"
    line = (
        f"{figures['author']:20} {size:>7}  {figures['minutes']:g} min ({figures['seconds']:.0f} s)  "
        f"bits {before['bits_per_character']:.3f} -> {after['bits_per_character']:.3f}  "
        f"keys {before['keys_saved']:.1%} -> {after['keys_saved']:.1%} "
        f"({100 * low:+.1f} to {100 * high:+.1f})  current: {figures['became_current']}"
    )
    for key in ("forgotten_bits", "still_offered"):
        if key in figures:
            line += f"  {key.replace('_', ' ')}: {figures[key]}"
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--authors", nargs="+", default=[*ENGLISH, OTHER])
    parser.add_argument("--minutes", type=float, nargs="+", default=[0.0, 10.0], help="0 is memory alone")
    parser.add_argument("--kilobytes", type=float, nargs="+", default=[None], help="of the author's text")
    parser.add_argument("--chars", type=int, default=6000, help="held-out characters to type")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--general", type=Path, help="the base model's own held-out text")
    parser.add_argument(
        "--forget", type=int, default=0, metavar="N", help="phrases to look for after forgetting"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["FORETYPE_HOME"] = home  # models made here are nobody's
        for name in options.authors:
            for kilobytes in options.kilobytes:
                for minutes in options.minutes:
                    if name == OTHER and not minutes:
                        continue
                    try:
                        figures = learn(authors_folder() / name, options, kilobytes, minutes)
                    except UserError as error:
                        print(f"{name}: {error}", file=sys.stderr)
                        continue
                    found.append(figures)
                    if not options.json:
                        print(row(figures), flush=True)
    if options.json:
        print(json.dumps(found, indent=2))
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
