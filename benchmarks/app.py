"""Key to glyph in the app itself, at 80 words a minute, with ghosts and a training run going and with both off.

The app runs in a pseudo-terminal. A key's time ends when the update of the screen that shows its character has been
written. Where a ghost does not go on with the key, that same update must no longer show it.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.common import TIME_HEADERS, Table, Times, real_text, show
from benchmarks.terminal import SETTINGS, Terminal, environment

WORDS_A_MINUTE = 80
KEY_SECONDS = 60 / (5 * WORDS_A_MINUTE)
LINE = 55
"""Characters to a line: short enough that none is wrapped."""
SIZE = (100, 36)
WARM_UP = 30
PREPARING = 20.0
"""Seconds in which a training run reads its texts and begins to train."""
TRAINED = 600_000
"""Characters to train on: one text again and again, so that it does not end for having learnt enough."""
BAR = 10.0
OFF, ON = "both off", "ghosts and training"


def start(home: Path, text: Path | None, *, ghosts: bool, model: str = "base") -> Terminal:
    """Start the app in a home of its own; with a `text`, it trains on that."""
    (home / "config").mkdir(parents=True, exist_ok=True)
    settings = SETTINGS.format(model=model, ghosts=str(ghosts).lower())
    (home / "config" / "settings.toml").write_text(settings)
    command = [sys.executable, "-P", "-m", "benchmarks.app", "--inside", *([str(text)] if text else [])]
    return Terminal(command, environment(home), SIZE)


def inside(text: str) -> int:
    """Be the app; train on a file where one is named."""
    from core.jobs import TrainingJob
    from tui.app import ForetypeApp
    from tui.widgets.training_view import TrainingView

    app = ForetypeApp()
    if text:
        job = TrainingJob((text,), "measured", minutes=60)
        app.call_later(lambda: app.set_timer(1, lambda: app.post_message(TrainingView.Start(job))))
    app.run()
    return 0


def lines(text: str, characters: int) -> list[str]:
    """Return words of a text, without marks that an editor might take for more than text, in short lines."""
    words = re.findall(r"[A-Za-z]+[.,]?", text)
    found = [""]
    for word in words:
        if sum(map(len, found)) >= characters:
            break
        if len(found[-1]) + len(word) >= LINE:
            found.append("")
        found[-1] += f" {word}" if found[-1] else word
    return found


@dataclass
class Typed:
    """What was seen while a text was typed."""

    glyphs: list[float] = field(default_factory=list[float])
    """Milliseconds from key to glyph."""
    ghosts: list[float] = field(default_factory=list[float])
    """Milliseconds from a key that left no ghost to the next one on the screen."""
    stale: int = 0
    """Ghosts that the key did not go on with."""
    late: int = 0
    """Those of them that were still there in the update that showed the key."""


def type_lines(terminal: Terminal, text: list[str]) -> Typed:
    """Type lines at the pace of a good typist, and look."""
    typed = Typed()
    due = time.perf_counter()
    for number, line in enumerate(text):
        for at, character in enumerate(line):
            due = max(due + KEY_SECONDS, time.perf_counter())
            terminal.pause(due)
            _key(terminal, line[: at + 1], typed, looked_at=at > 0 and character != " ")
        if number + 1 < len(text):
            terminal.send("\r")
    return typed


def _key(terminal: Terminal, line: str, typed: Typed, *, looked_at: bool) -> None:
    before = terminal.ghost_after(line[:-1]) if looked_at else ""
    sent = terminal.send(line[-1])
    if not looked_at:  # a space has no glyph, and a first letter may be anywhere
        return
    written = terminal.until(lambda: terminal.is_written(line), f"the line {line!r}")
    typed.glyphs.append((written - sent) * 1000)
    now = terminal.ghost_after(line)
    if before and not before.startswith(line[-1]):
        typed.stale += 1
        typed.late += now != "" and (before.startswith(now) or before[1:].startswith(now))
    if not now:
        while time.perf_counter() < sent + KEY_SECONDS / 2 and terminal.next_update(KEY_SECONDS / 4):
            if terminal.ghost_after(line):
                typed.ghosts.append((terminal.updated - sent) * 1000)
                break


def training(terminal: Terminal) -> bool:
    """Whether the status line says that a training run is under way."""
    return any("· training" in row for row in terminal.rows)


def measure(text: list[str], data: Path | None, model: str) -> Typed:
    """Type into an app of its own, with ghosts and training where there is something to train on."""
    with tempfile.TemporaryDirectory() as home:
        terminal = start(Path(home), data, ghosts=data is not None, model=model)
        try:
            terminal.until(lambda: any("F1" in row for row in terminal.rows), "an editor")
            if data is not None:
                terminal.until(lambda: training(terminal), "training")
                terminal.pause(time.perf_counter() + PREPARING)
                terminal.send("I")
                terminal.until(terminal.ghost, "a ghost")
                terminal.send("\x7f")
            typed = type_lines(terminal, text)
            if data is not None and not training(terminal):
                raise RuntimeError("the training was over before the typing")
            return typed
        finally:
            terminal.close()


def tables(keys: int, model: str) -> list[Table]:
    """Type everything with both off, then with both on."""
    whole, what = real_text(60_000)
    text = lines(whole[20_000:], int(1.3 * (keys + WARM_UP)))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "text.txt"
        data.write_text(real_text(TRAINED)[0][:TRAINED], encoding="utf-8")
        seen = {OFF: measure(text, None, model), ON: measure(text, data, model)}
    times = {name: Times.of(typed.glyphs[WARM_UP : WARM_UP + keys]) for name, typed in seen.items()}
    rows = [
        [name, *took.cells(), f"{took.p95 - times[OFF].p95:+.1f}", "" if name == OFF else f"{BAR:.0f}"]
        for name, took in times.items()
    ]
    on = seen[ON]
    notes = [
        f"{WORDS_A_MINUTE} words a minute, {SIZE[0]} x {SIZE[1]} cells; typed: words of {what}.",
        f"{on.stale} keys did not go on with the ghost that was shown: "
        f"{on.stale - on.late} of those ghosts were gone in the same screen update (bar: all).",
    ]
    if on.ghosts:
        ghosts = Times.of(on.ghosts)
        notes.append(
            f"From such a key to its own ghost on the screen, while training: median {ghosts.median:.0f} ms, "
            f"95th percentile {ghosts.p95:.0f} ms, {len(on.ghosts)} times."
        )
    headers = ("key to glyph with", *TIME_HEADERS, "p95 against off, ms", "bar, ms")
    return [Table("Key to glyph on the screen of the app", headers, rows, notes)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.app", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--keys", type=int, default=500, help="keys timed each way (default: 500)")
    parser.add_argument("--inside", nargs="?", const="", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.inside is not None:
        return inside(options.inside)
    return show(lambda: tables(options.keys, options.model))


if __name__ == "__main__":
    sys.exit(main())
