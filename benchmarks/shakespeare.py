"""Tiny Shakespeare by characters: `foretype train` with its own settings for five minutes, the last tenth held out.

nanoGPT publishes 1.88 nats a character for its three minutes on a processor. The text is the data folder's
($FORETYPE_DATA, or beside the repository); without it this is left out with a line.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.common import Table, data_folder, show

BAR = 1.65
HELD_OUT = 0.1
NAME = "shakespeare"


def tables(minutes: float) -> list[Table]:
    """Train, then measure the model that is in the library."""
    title = f"Tiny Shakespeare by characters, {minutes:g} minutes"
    file = data_folder() / "texts" / "tiny-shakespeare.txt"
    headers = ("what", "nats a character", "bar")
    if not file.is_file():
        note = "texts/tiny-shakespeare.txt is not there: name its folder in FORETYPE_DATA."
        return [Table(title, headers, [], [note])]
    text = file.read_text(encoding="utf-8")
    middle = int(len(text) * (1 - HELD_OUT))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        train, rest = home / "train.txt", home / "held-out.txt"
        train.write_text(text[:middle], encoding="utf-8")
        rest.write_text(text[middle:], encoding="utf-8")
        os.environ["FORETYPE_HOME"] = str(home / "foretype")
        command = [sys.executable, "-P", "-m", "tui", "train", str(train), "--held-out", str(rest)]
        command += ["--from", "nothing", "--level", "char", "--minutes", f"{minutes:g}", "--name", NAME]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        loss, what = _measure(text[middle:])
    notes = [what, "nanoGPT publishes 1.88 for three minutes."]
    return [Table(title, headers, [["last tenth, held out", f"{loss:.3f}", f"{BAR}"]], notes)]


def _measure(text: str) -> tuple[float, str]:
    """Return the model's loss on a text, and what it is."""
    from core.library.library import Library
    from core.training.run import Hyperparameters, TrainingRun
    from core.training.streams import encode_documents
    from models.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(Library().find(NAME).folder)
    tokens = encode_documents([text], checkpoint.tokenizer)
    run = TrainingRun(checkpoint.model, tokens, Hyperparameters(1e-3, 1, 64, 0))
    config, card = checkpoint.model.config, checkpoint.card
    what = (
        f"{config.layers} x {config.hidden} {config.cell}, {card['plan']['streams']} streams, "
        f"{card['tokens_seen']:,} characters read in {card['minutes']:.1f} minutes on {card['hardware']}."
    )
    return run.measure(tokens), what


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.shakespeare", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.minutes))


if __name__ == "__main__":
    sys.exit(main())
