"""What remembering a person's own text brings: keys saved on text held out, against the base model, and what it costs.

For each author of $FORETYPE_DATA (or beside the repository) the base model gets a memory of 20 KB, of 200 KB and of all
of their train/ folder, chosen by document with a seed; heldout.txt is only typed. Nothing is trained. All columns type
the same characters through the app's own sessions; the interval is that of the difference, from resampling paragraphs
that both typed (core.training.proof).
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.common import TIME_HEADERS, Table, Times, show
from core.library.library import Library
from core.library.personal import OwnFile, build_memory, forget_document, own_files
from core.prediction.predictor import Predictor
from core.prediction.quoting import WORDS
from core.prediction.scoring import AppGhost, finish, paragraph_starts, text_bits, type_through
from core.reading.corpus import read_paths
from core.training.proof import difference_interval
from models.blend import Blend, shipped_blend
from models.checkpoint import Checkpoint, load_checkpoint
from models.folder import read_json
from models.personal import PERSONAL, Personal, save_personal
from models.recall import ORDERS, recall

ENGLISH = ["blog_benbalter", "diary_barbellion", "novelist_wodehouse", "techblog_matklad"]
SIZES = (20_000, 200_000, None)
PHRASES = 200
BATCH = 8
Doubles = npt.NDArray[np.float64]


def authors_folder() -> Path:
    """Return where the authors are."""
    data = os.environ.get("FORETYPE_DATA") or Path(__file__).parent.parent.parent / "shared" / "data"
    return Path(data) / "authors"


def shortened(files: Sequence[OwnFile], characters: int | None, seed: int) -> list[OwnFile]:
    """Return documents of so many characters in all, drawn at random; the last one is cut."""
    if characters is None:
        return list(files)
    drawn = list(files)
    random.Random(seed).shuffle(drawn)
    chosen: list[OwnFile] = []
    for file in drawn:
        if characters <= 0:
            break
        text = "\n\n".join(file.texts)[:characters]
        characters -= len(text)
        chosen.append(replace(file, texts=(text,)))
    return chosen


class Typist:
    """One model through one text."""

    def __init__(self, predictor: Predictor, text: str, start: int, chars: int) -> None:
        """Type text[start : start + chars], and read it."""
        end = min(len(text), start + chars)
        typing = type_through(text, AppGhost(predictor, text, start, 0.0, 6), start, end)
        self.typed = finish(typing)
        starts = paragraph_starts(text, start, end)
        owner = np.searchsorted(np.asarray(starts), np.asarray(self.typed.places), side="right") - 1
        self.keys: Doubles = np.bincount(owner, minlength=len(starts)).astype(np.float64)
        self.lengths: Doubles = np.diff(np.asarray([*starts, end], np.float64))
        self.bits = finish(text_bits(predictor, text, start, end)) / (end - start)

    @property
    def saved(self) -> float:
        """Share of keys saved."""
        return self.typed.keys_saved


class Bench:
    """The base model, and what its memories bring."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Load the base model."""
        self.options = options
        self.base: Checkpoint = load_checkpoint(Library().find("base").folder)
        self.stepping = Predictor(self.base)
        self.blend = Blend.from_json(read_json(options.gate, 1 << 20)) if options.gate else shipped_blend()
        self.folding = self.stepping.folding
        self.rows: list[list[str]] = []
        self.gains: dict[str, list[float]] = {}

    def predictor(self, personal: Personal | None, *, draft: bool = True) -> Predictor:
        """Return the base model with a memory; without `draft`, as it was before there were any."""
        blend = self.blend if draft else None
        base = self.stepping
        return Predictor.of(base.stepper, base.tokenizer, base.folding, base.mixture, personal, blend)

    def memory(self, files: Sequence[OwnFile]) -> Personal:
        """Count a memory."""
        return build_memory(files, self.base.tokenizer, folding=self.folding)

    def author(self, name: str) -> None:
        """Type one author's held-out text with everything in turn."""
        folder = authors_folder() / name
        corpus = read_paths([folder / "train"])
        files = own_files(corpus.documents, corpus.files)
        text = (folder / "heldout.txt").read_text(encoding="utf-8")
        start, chars = self.options.start, self.options.chars
        base = Typist(self.predictor(None, draft=False), text, start, chars)
        self.row(name, "base, network and corpus memory", base, base)
        draft = Typist(self.predictor(None), text, start, chars)
        self.row(name, "and the draft's memory", draft, base)
        for size in SIZES:
            with_memory = Typist(self.predictor(self.memory(shortened(files, size, 0))), text, start, chars)
            what = f"and memory of {f'{size // 1000} KB' if size else 'all'}"
            self.row(name, what, with_memory, base)

    def row(self, name: str, what: str, typist: Typist, base: Typist) -> None:
        """Add a line to the table."""
        cells = [name, what, f"{typist.saved:.1%}"]
        gain = 100 * (typist.saved - base.saved)
        if typist is not base:
            low, high = difference_interval([base.keys], [typist.keys], [typist.lengths])
            cells += [f"{gain:+.1f}", f"{100 * low:+.1f} to {100 * high:+.1f}"]
        else:
            cells += ["", ""]
        self.gains.setdefault(what, []).append(gain)
        self.rows.append([*cells, f"{typist.bits:.3f}"])
        print(" | ".join(self.rows[-1]), file=sys.stderr, flush=True)

    def keys(self) -> Table:
        """Keys saved by author, size and what remembers."""
        for name in self.options.authors:
            self.author(name)
        means = [f"Mean of {what}: {np.mean(gains):+.2f} points." for what, gains in self.gains.items()]
        headers = ("author", "model", "keys saved", "points more", "interval of that", "bits per character")
        title = f"Keys saved on {self.options.chars:,} characters each (bar: memory of all 3 points more)"
        return Table(title, headers, self.rows, means[1:])

    def costs(self, name: str) -> list[Table]:
        """Time to build, bytes on disk, time to look up; and forgetting."""
        corpus = read_paths([authors_folder() / name / "train"])
        files = own_files(corpus.documents, corpus.files)
        begun = time.perf_counter()
        personal = self.memory(files)
        built = (time.perf_counter() - begun) / (corpus.characters / 1e6)
        with tempfile.TemporaryDirectory() as folder:
            save_personal(Path(folder), personal)
            size = (Path(folder) / PERSONAL).stat().st_size / len(personal.phrases.tokens)
        rows = [
            ["seconds a megabyte to build", f"{built:.2f}", "5"],
            ["bytes a token on disk", f"{size:.1f}", "40"],
            self.forgetting(files, personal),
        ]
        return [Table(f"Memory of {name}", ("what", "measured", "bar"), rows), self.lookups(personal, name)]

    def forgetting(self, files: Sequence[OwnFile], personal: Personal) -> list[str]:
        """Forget a document, and look for what only it had."""
        gone = max(files, key=lambda file: sum(map(len, file.texts)))
        begun = time.perf_counter()
        less = forget_document(personal, gone.path)
        seconds = time.perf_counter() - begun
        words = " ".join(gone.texts).split(" ")
        phrases: list[npt.NDArray[np.int64]] = []
        order = list(range(len(words) - WORDS))
        random.Random(0).shuffle(order)
        for at in order:
            text = " " + " ".join(words[at : at + WORDS])
            tokens = np.asarray(self.base.tokenizer.encode(self.stepping.fold(text)), np.int64)
            found = personal.phrases.find(tokens) if len(tokens) >= ORDERS else ()
            sources = {document.path for place in found if (document := personal.document_at(int(place)))}
            if sources == {gone.path}:
                phrases.append(tokens)
            if len(phrases) == PHRASES:
                break
        left = sum(len(less.phrases.find(tokens)) > 0 for tokens in phrases)
        what = f"of {len(phrases)} phrases of {WORDS} words only in a document forgotten in {seconds:.2f} s, left"
        return [what, str(left), "0"]

    def lookups(self, personal: Personal, name: str) -> Table:
        """Time what a step of eight branches asks of the memory."""
        text = (authors_folder() / name / "heldout.txt").read_text(encoding="utf-8")[:20_000]
        tokens = np.asarray(self.base.tokenizer.encode(self.stepping.fold(text)), np.int64)
        phrases = personal.phrases
        states = phrases.walk(phrases.initial(), tokens)

        def forecast(at: npt.NDArray[np.int64]) -> object:
            evidence = phrases.evidence(states[at])
            return recall(evidence, np.full(len(evidence.rows), 1e-4, np.float32))

        chosen = np.random.default_rng(0).integers(0, len(tokens) - 1, (400, BATCH))
        works = {
            "advance (the look-up)": lambda at: phrases.advance(states[at], tokens[at + 1]),
            "what followed": lambda at: phrases.evidence(states[at]),
            "and the forecast of it": forecast,
        }
        rows: list[list[str]] = []
        for what, work in works.items():
            times: list[float] = []
            for at in chosen:
                begun = time.perf_counter()
                work(at)
                times.append((time.perf_counter() - begun) * 1000)
            rows.append([what, *Times.of(times[20:]).cells(), "0.050"])
        return Table(f"A batch of {BATCH} branches", ("what", *TIME_HEADERS, "bar"), rows)


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.personal", description=__doc__)
    parser.add_argument(
        "--authors", nargs="*", default=ENGLISH, help="folders of authors (default: the English ones)"
    )
    parser.add_argument("--chars", type=int, default=2000, help="characters typed for each (default: 2000)")
    parser.add_argument("--start", type=int, default=0, help="characters before them that are only read")
    parser.add_argument("--gate", type=Path, help="a gate (JSON) in place of the one that ships")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not authors_folder().is_dir():
        print(f"skipped: {authors_folder()} is not there (set FORETYPE_DATA)", file=sys.stderr)
        return 0
    torch.set_num_threads(1)
    bench = Bench(options)
    return show(lambda: [*bench.costs(options.authors[-1]), bench.keys()] if options.authors else [])


if __name__ == "__main__":
    sys.exit(main())
