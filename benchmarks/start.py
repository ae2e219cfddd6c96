"""Start: how long a person waits for the command, for an editor that takes keys, and for the first ghost.

Each time is a new process, its interpreter's own start included. The app is started in a pseudo-terminal: it takes keys
when the character of the first key, sent as soon as anything was painted, is on the screen.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.common import TIME_HEADERS, Table, Times, show, side_by_side
from benchmarks.terminal import SETTINGS, Terminal, environment

TIMES = 100
WAYS = {
    "python, nothing imported": ("-c", ""),
    "foretype --version": ("-m", "tui", "--version"),
    "foretype train --help": ("-m", "tui", "train", "--help"),
    "import tui.app": ("-c", "import tui.app"),
}
APP = ("-m", "tui")
SIZE = (100, 36)
KEY = "W"
EDITOR_BAR, GHOST_BAR = "600", "4,000"


def processes(times: int) -> list[Table]:
    """Measure starts side by side."""

    def starter(arguments: tuple[str, ...]) -> object:
        return subprocess.run([sys.executable, "-P", *arguments], stdout=subprocess.DEVNULL, check=True)

    works: dict[str, Callable[[], object]] = {
        name: (lambda arguments=arguments: starter(arguments)) for name, arguments in WAYS.items()
    }
    results = side_by_side(works, times=times, warm_up=2)
    rows = [[name, *taken.cells()] for name, taken in results.items()]
    return [Table("Start of a process", ("what", *TIME_HEADERS), rows)]


class Starts:
    """Starts of the app in a home of its own."""

    def __init__(self, home: Path, model: str) -> None:
        """Make the home."""
        (home / "config").mkdir()
        (home / "config" / "settings.toml").write_text(SETTINGS.format(model=model, ghosts="true"))
        self._environment = environment(home)
        self.painted: list[float] = []
        self.editors: list[float] = []
        self.ghosts: list[float] = []

    def start(self, *, ghost: bool) -> None:
        """Start the app once and note when it was painted, took a key and, if asked to, showed a ghost."""
        terminal = Terminal([sys.executable, "-P", *APP], self._environment, SIZE)
        try:
            terminal.until(lambda: any(row.strip() for row in terminal.rows), "anything")
            self.painted.append(self._since(terminal))
            terminal.send(KEY)
            terminal.until(lambda: any(row.strip() == KEY for row in terminal.rows), "the first key")
            self.editors.append(self._since(terminal))
            if ghost:
                terminal.send("e ")
                terminal.until(terminal.ghost, "a ghost")
                self.ghosts.append(self._since(terminal))
        finally:
            terminal.close()

    def _since(self, terminal: Terminal) -> float:
        return (terminal.updated - terminal.started) * 1000


def app(times: int, ghosts: int, model: str) -> list[Table]:
    """Measure starts of the app."""
    with tempfile.TemporaryDirectory() as home:
        starts = Starts(Path(home), model)
        starts.start(ghost=True)  # reads everything from the disk
        for taken in (starts.painted, starts.editors, starts.ghosts):
            taken.clear()
        for number in range(times):
            starts.start(ghost=number < ghosts)
    rows = [
        ["something is painted", *Times.of(starts.painted).cells(), ""],
        ["an editor that takes keys", *Times.of(starts.editors).cells(), EDITOR_BAR],
        [f"the first ghost, of {model}", *Times.of(starts.ghosts).cells(), GHOST_BAR],
    ]
    return [Table("From foretype to", ("what", *TIME_HEADERS, "bar, ms"), rows)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.start", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--times", type=int, default=TIMES, help=f"starts of each process (default: {TIMES})")
    parser.add_argument("--apps", type=int, default=20, help="starts of the app (default: 20)")
    parser.add_argument("--ghosts", type=int, default=10, help="of those, waiting for a ghost (default: 10)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: [*app(options.apps, options.ghosts, options.model), *processes(options.times)])


if __name__ == "__main__":
    sys.exit(main())
