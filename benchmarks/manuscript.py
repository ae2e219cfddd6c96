"""Keys in a manuscript of 5 MB: from the key to the screen of the app, at its start, in its middle and at its end.

The app runs in a pseudo-terminal with ghosts by themselves switched off; what is typed fills rows, so that new ones
come, and each line ends with Enter, which moves all rows below.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.app import KEY_SECONDS, LINE, SIZE, environment, lines, type_lines
from benchmarks.common import TIME_HEADERS, Table, Times, real_text, show
from benchmarks.terminal import Terminal

MEGABYTES = 5.0
BAR = 33.0
"""Milliseconds within which 95 of 100 keys are to be on the screen."""
TO_START, TO_END, PAGE_UP, PAGE_DOWN = "\x1b[1;5H", "\x1b[1;5F", "\x1b[5~", "\x1b[6~"
PAGES = 40
"""Pages from an end of the manuscript to where one types that is not at an end."""
PLACES = {
    "its start": (TO_START, 0, ""),
    "inside": (TO_START, PAGES, PAGE_DOWN),
    "its end": (TO_END, 0, ""),
}


def write_manuscript(file: Path, text: str, size: int) -> None:
    """Write paragraphs of a text, in an order drawn by chance, until there are `size` bytes."""
    paragraphs = [part.replace("\n", " ") for part in text.split("\n\n") if len(part) > 60]
    draw = random.Random(0)
    with open(file, "w", encoding="utf-8") as out:
        while out.tell() < size:
            out.write(f"{draw.choice(paragraphs)}\n\n")


def measure(file: Path, home: Path, typed: list[str], place: str) -> list[float]:
    """Type lines at a place of the manuscript; milliseconds from each key to its glyph."""
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.toml").write_text("ghosts = false\n")
    terminal = Terminal([sys.executable, "-P", "-m", "tui", str(file)], environment(home), SIZE)
    try:
        terminal.until(lambda: file.name in terminal.rows[0], "the manuscript")
        jump, pages, page = PLACES[place]
        terminal.send(jump)
        for _ in range(pages):
            terminal.send(page)
        terminal.pause(terminal.updated + 60 * KEY_SECONDS)
        terminal.send("\r\r\x1b[A")
        terminal.pause(terminal.updated + 10 * KEY_SECONDS)
        return type_lines(terminal, typed).glyphs
    finally:
        terminal.close()


def tables(keys: int, megabytes: float) -> list[Table]:
    """Type at each place, in an app of its own."""
    text, what = real_text(400_000)
    typed = lines(text[-60_000:], int(1.3 * keys))
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for place in PLACES:
            file = Path(folder) / "manuscript.md"
            write_manuscript(file, text, int(megabytes * 1e6))
            times = Times.of(measure(file, Path(folder) / place.split()[-1], typed, place)[10 : 10 + keys])
            rows.append([place, *times.cells(), f"{times.percentile(100):.1f}", f"{BAR:.0f}"])
    notes = [
        f"{megabytes:g} MB of {what}; {SIZE[0]} x {SIZE[1]} cells; lines of at most {LINE} characters typed."
    ]
    headers = ("typed at", *TIME_HEADERS, "slowest ms", "bar for p95, ms")
    return [Table("Key to glyph in a manuscript", headers, rows, notes)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.manuscript", description=__doc__)
    parser.add_argument("--keys", type=int, default=300, help="keys timed at each place (default: 300)")
    parser.add_argument("--megabytes", type=float, default=MEGABYTES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.keys, options.megabytes))


if __name__ == "__main__":
    sys.exit(main())
