"""The model that ships: bits per character, keys saved, how often a ghost is wrong, other languages, size.

The texts are those of the data folder ($FORETYPE_DATA, or beside the repository), which the model has not learnt from;
what needs one that is not there is left out with a line.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from itertools import accumulate
from pathlib import Path

import torch

from benchmarks.common import Table, data_folder, show
from core.drafts.document import Document
from core.eagerness import THRESHOLDS
from core.library.library import Library
from core.prediction.decoding import Options, complete
from core.prediction.familiarity import REACH
from core.prediction.predictor import Predictor
from core.prediction.scoring import AppGhost, Typed, finish, text_bits, type_through
from core.prediction.session import Session
from core.training.mixing import fit_and_measure, judge
from core.training.streams import encode_documents
from models.checkpoint import Checkpoint, load_checkpoint

CONTEXT = 2000
"""Characters of a text that are there when typing begins."""
ENGLISH = ("blog_benbalter", "diary_barbellion", "novelist_wodehouse", "techblog_matklad")
INDONESIAN = "id_dasar_golang"
FRENCH = """Le matin, quand la brume se lève sur le canal, les péniches glissent sans bruit devant les entrepôts. \
Ma grand-mère disait toujours qu'il fallait se lever avant le soleil pour entendre la ville respirer. Je n'ai jamais \
vraiment compris ce qu'elle voulait dire, mais je me souviens de l'odeur du café, du pain grillé et de la radio qui \
grésillait dans la cuisine. L'été dernier, nous avons passé deux semaines dans une petite maison de pierre, tout près \
de la mer. Les enfants ramassaient des coquillages pendant que nous préparions le repas. Le soir, on ouvrait toutes \
les fenêtres et le vent apportait le bruit des vagues jusque dans la chambre."""
SIZE_BAR = 65
DOCUMENT = 20_000
"""Characters read of a document at most, so that no book outweighs the others."""


def absent(title: str, what: str) -> Table:
    """Return a table that says what is missing."""
    return Table(title, ("left out",), [], [f"{what} is not there: name its folder in FORETYPE_DATA."])


def bits(checkpoint: Checkpoint, predictor: Predictor, count: int) -> Table:
    """Measure network and memory on text that was held out of the corpus."""
    title = "Bits per character on the corpus's held-out text"
    file = data_folder() / "corpus" / "valid.txt"
    if not file.is_file():
        return absent(title, "corpus/valid.txt")
    documents = [text for text in file.read_text(encoding="utf-8").split("\n\f\n") if text.strip()]
    tokens = encode_documents([predictor.fold(text) for text in documents], checkpoint.tokenizer)[:count]
    characters = len(checkpoint.tokenizer.decode([int(token) for token in tokens if token]))
    headers = ("what", "bits per character", "bar")
    note = f"{characters:,} characters ({len(tokens):,} tokens) in 4 streams, their documents one after the other."
    if checkpoint.mixture is None:
        return Table(title, headers, [], ["The model has no memory beside its network."])
    judgement = judge(checkpoint.model, checkpoint.mixture.memory, tokens)
    scale = len(judgement.network) / characters / math.log(2)
    both = judgement.loss(checkpoint.mixture.gate)
    _, fitted = fit_and_measure(judgement)
    alone = float(-torch.from_numpy(judgement.memory).double().log().mean())
    rows = [
        ["network alone", f"{judgement.loss(None) * scale:.3f}", ""],
        ["memory alone", f"{alone * scale:.3f}", ""],
        ["both, by the gate that ships", f"{both * scale:.3f}", "1.45"],
        ["both, by a gate fitted to the other half", f"{fitted * scale:.3f}", ""],
    ]
    return Table(title, headers, rows, [note])


def written(predictor: Predictor, count: int) -> Table:
    """Measure bits as `foretype score` does: each document as if it were being written, remembered as it grows."""
    title = "Bits per character on the same text, each document by itself, word by word as it is written"
    file = data_folder() / "corpus" / "valid.txt"
    if not file.is_file():
        return absent(title, "corpus/valid.txt")
    documents = [text for text in file.read_text(encoding="utf-8").split("\n\f\n") if text.strip()]
    random.Random(0).shuffle(documents)
    lengths = list(accumulate(len(text[:DOCUMENT]) for text in documents))
    chosen = [text[:DOCUMENT] for text, length in zip(documents, lengths, strict=True) if length <= count]
    alone = Predictor.of(predictor.stepper, predictor.tokenizer, predictor.folding, predictor.mixture)
    rows: list[list[str]] = []
    for what, asked in (("network and n-grams", alone), ("and the draft's memory, as in the app", predictor)):
        total = sum(finish(text_bits(asked, text, 0, len(text))) for text in chosen)
        rows.append([what, f"{total / sum(map(len, chosen)):.3f}", "1.45"])
    note = f"{len(chosen)} documents drawn at random, {sum(map(len, chosen)):,} characters; of long ones the beginning."
    return Table(title, ("what", "bits per character", "bar"), rows, [note])


def typed(predictor: Predictor, text: str, chars: int, eagerness: float, again: bool = False) -> Typed:
    """Type a text with the model's ghosts."""
    end = min(len(text), CONTEXT + chars)
    ghost_at = AppGhost(predictor, text, CONTEXT, eagerness, 6, again=again)
    return finish(type_through(text, ghost_at, CONTEXT, end))


def keys(predictor: Predictor, chars: int) -> Table:
    """Type the English authors' held-out texts, with a ghost at each key and at medium eagerness."""
    title = "Keys saved and wrong ghosts, the model as it ships, English authors"
    rows: list[list[str]] = []
    sums: list[tuple[float, ...]] = []
    for author in ENGLISH:
        file = data_folder() / "authors" / author / "heldout.txt"
        if not file.is_file():
            return absent(title, f"authors/{author}")
        text = file.read_text(encoding="utf-8")
        always, medium = (typed(predictor, text, chars, THRESHOLDS[name]) for name in ("always", "medium"))
        again = typed(predictor, text, chars, THRESHOLDS["always"], again=True)
        wrong = medium.wrong_first_words / max(1, medium.ghosts_shown)
        shown = medium.ghosts_shown / max(1, medium.keys)
        sums.append((always.keys_saved, again.keys_saved, medium.keys_saved, wrong, shown))
        rows.append([author, f"{always.characters:,}", *(f"{100 * value:.1f}" for value in sums[-1])])
    means = [sum(column) / len(sums) for column in zip(*sums, strict=True)]
    rows.append(["mean", "", *(f"{100 * value:.1f}" for value in means)])
    rows.append(["bar", "", "30", "30", "", "45", ""])
    headers = (
        "text",
        "characters",
        "keys saved, %",
        "words typed past offered again, %",
        "at medium, %",
        "wrong first word at medium, %",
        "ghosts a key at medium, %",
    )
    return Table(title, headers, rows, [f"After {CONTEXT:,} characters of each text."])


def languages(predictor: Predictor, chars: int) -> Table:
    """Count ghosts on texts in other languages, and silences on English ones."""
    title = "Other languages, at medium eagerness"
    texts = {"French": FRENCH}
    file = data_folder() / "authors" / INDONESIAN / "heldout.txt"
    notes: list[str] = []
    if file.is_file():
        texts["Indonesian"] = file.read_text(encoding="utf-8")
    else:
        notes.append(f"authors/{INDONESIAN} is not there.")
    options = Options(eagerness=THRESHOLDS["medium"])
    rows: list[list[str]] = []
    for name, text in texts.items():
        document = Document("")
        session = Session(predictor, document)
        silent = ghosts = 0
        for character in text[:chars]:
            document.apply(document.end, document.end, character)
            found = complete(session.context(document.end), options)
            silent += found.silence == "unfamiliar"
            ghosts += bool(found.ghost)
        count = len(text[:chars])
        rows.append([name, f"{count:,}", f"{100 * silent / count:.1f}", f"{100 * ghosts / count:.1f}"])
    rows += [[name, f"{count:,}", f"{100 * share:.2f}", ""] for name, count, share in _english(predictor)]
    return Table(title, ("text", "keys", "unfamiliar, %", "ghosts, %"), rows, notes)


def _english(predictor: Predictor) -> list[tuple[str, int, float]]:
    """Return where English texts are taken for another language: name, places, share."""
    found: list[tuple[str, int, float]] = []
    if (familiarity := predictor.familiarity) is None:
        return found
    root = data_folder()
    files = [root / "authors" / author / "heldout.txt" for author in ENGLISH]
    for file in [*files, *sorted((root / "texts").glob("*.txt"))]:
        if file.is_file():
            ids = predictor.tokenizer.encode(predictor.fold(file.read_text(encoding="utf-8")[:100_000]))
            known = [familiarity.knows(ids[max(0, end - REACH) : end]) for end in range(1, len(ids))]
            name = file.parent.name if file.name == "heldout.txt" else file.name
            found.append((name, len(known), 1 - sum(known) / len(known)))
    return found


def size(folder: Path) -> Table:
    """Add up what ships."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    rows = [[path.name, f"{path.stat().st_size / 1e6:.2f}", ""] for path in files]
    total = sum(path.stat().st_size for path in files) / 1e6
    return Table(
        "What ships",
        ("file", "MB", "bar"),
        [*rows, ["all", f"{total:.2f}", f"{SIZE_BAR}"]],
    )


def tables(name: str, tokens: int, chars: int) -> list[Table]:
    """Measure everything."""
    torch.set_num_threads(1)
    folder = Library().find(name).folder
    checkpoint = load_checkpoint(folder)
    predictor = Predictor(checkpoint)
    return [
        bits(checkpoint, predictor, tokens),
        written(predictor, 4 * tokens),
        keys(predictor, chars),
        languages(predictor, chars),
        size(folder),
    ]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.base", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--tokens", type=int, default=40_000, help="of corpus/valid.txt")
    parser.add_argument("--chars", type=int, default=2_000, help="typed of each text")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.model, options.tokens, options.chars))


if __name__ == "__main__":
    sys.exit(main())
