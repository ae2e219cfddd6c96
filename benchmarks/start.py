"""Start: how long a person waits for the command and for the app's modules.

Each time is a new process, its interpreter's own start included.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.common import TIME_HEADERS, Table, show, side_by_side

TIMES = 100
WAYS = {
    "python, nothing imported": ("-c", ""),
    "foretype --version": ("-m", "tui", "--version"),
    "foretype train --help": ("-m", "tui", "train", "--help"),
    "import tui.app": ("-c", "import tui.app"),
}


def run() -> list[Table]:
    """Measure the starts side by side."""

    def starter(arguments: tuple[str, ...]) -> object:
        return subprocess.run([sys.executable, "-P", *arguments], stdout=subprocess.DEVNULL, check=True)

    works = {name: (lambda arguments=arguments: starter(arguments)) for name, arguments in WAYS.items()}
    results = side_by_side(works, times=TIMES, warm_up=2)
    rows = [[name, *times.cells()] for name, times in results.items()]
    return [Table("Start of a process", ("what", *TIME_HEADERS), rows)]


if __name__ == "__main__":
    sys.exit(show(run))
