"""Measure a model on texts that it has not learnt from, by a simulated typist who takes right suggestions.

The typist looks at each suggestion, so a word that was typed past is not offered again while it is typed. Keys
saved is 1 - keys / characters, with the 95 % interval that resampling paragraphs gives. Bits per character says
how well the model predicts the text, whatever its tokens are: lower is better. Latency is the engine's alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.command_line.arguments import add_json, add_model, eagerness, model_of, path, whole

if TYPE_CHECKING:
    from core.client import EngineClient
    from core.protocol import Score


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `foretype score`."""
    parser.add_argument(
        "files", type=path, metavar="FILE", nargs="+", help="a text that the model has not learnt from"
    )
    add_model(parser)
    parser.add_argument(
        "--chars", type=whole(1, 10**9), metavar="N", help="type N characters only (default: the whole text)"
    )
    parser.add_argument(
        "--start",
        type=whole(0, 10**9),
        default=0,
        metavar="K",
        help="leave the first K characters to be context (default: 0)",
    )
    parser.add_argument(
        "--eagerness",
        type=eagerness,
        default=0.0,
        metavar="HOW",
        help="as in the app: low, medium, high or always, or how likely a ghost must be at the least, "
        "0 to 1 (default: always, which is 0: the best guess, however unlikely)",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="offer words again that were seen and typed past, as the setting look = 0 does",
    )
    add_json(parser, "print one JSON object, or a list for several files")


def run(options: argparse.Namespace) -> int:
    """Run `foretype score`."""
    from core.errors import UserError
    from tui.command_line.engine import run_with_engine

    for file in options.files:
        if not Path(file).exists():
            raise UserError(f"{file}: there is no such file")
        if Path(file).is_dir():
            raise UserError(f"{file} is a folder: name the files to score")
    return run_with_engine(_score(options))


async def _score(options: argparse.Namespace) -> int:
    from tui.command_line.engine import engine
    from tui.console import print_json

    scores: list[Score] = []
    async with engine(model_of(options)) as (client, _):
        for index, file in enumerate(options.files):
            score = await _one(client, options, file)
            scores.append(score)
            if not options.json:
                if index:
                    print()
                _show(score)
    if options.json:
        print_json(scores[0] if len(scores) == 1 else scores)
    return 0


async def _one(client: EngineClient, options: argparse.Namespace, file: str) -> Score:
    """Score one file, with a bar on a terminal; the report names the file as it was given."""
    with _Bar(file) as moved:
        score = await client.score(
            str(Path(file).absolute()),
            chars=options.chars,
            start=options.start,
            eagerness=options.eagerness,
            again=options.again,
            on_progress=moved,
        )
    score["file"] = file
    return score


class _Bar:
    """A progress bar on a terminal's standard error; called with the fields of score/progress."""

    def __init__(self, file: str) -> None:
        import sys

        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        from tui.console import console, visible

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=console(sys.stderr),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task(visible(file), total=None)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, fields: dict[str, Any]) -> None:
        done, total = fields.get("characters"), fields.get("of")
        if isinstance(done, int) and isinstance(total, int):
            self._progress.update(self._task, completed=done, total=total)


def _shown_from(threshold: float) -> str:
    from core.eagerness import named

    word = named(threshold)
    least = f"those at least {threshold:.0%} likely" if threshold else "the best guess, however unlikely"
    return f"{least} (eagerness {word})" if isinstance(word, str) else least


def _show(score: Score) -> None:
    from tui.console import number, percent, print_facts

    low, high = (percent(end) for end in score["interval"])
    interval = f"95 % interval: {low} to {high}"
    if score["interval"] == [0, 1]:
        interval = "too short a text for an interval: score five paragraphs or more"
    latency = score["latency_ms"]
    print_facts(
        f"{score['file']}: {score['characters']:,} characters, typed with {score['model']}",
        [
            ("bits per character", number(score["bits_per_character"], 3)),
            ("keys saved", f"{percent(score['keys_saved'])} ({interval})"),
            ("ghosts shown", f"{score['ghosts_shown']:,}, {_shown_from(score['eagerness'])}"),
            ("wrong first word", f"{percent(score['wrong_first_word'])} of the ghosts shown"),
            (
                "latency",
                f"{number(latency['median'], 1)} ms median, {number(latency['p95'], 1)} ms 95th percentile",
            ),
        ],
    )
