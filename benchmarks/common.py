"""What the benchmarks share: the machine in words, timing after a warm-up, and tables.

A benchmark is a module beside this one that runs as a program: most end in `show(run)`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Times:
    """Durations of one thing in milliseconds, sorted."""

    milliseconds: tuple[float, ...]

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Times:
        """Make Times of durations in any order; raises ValueError where there is none."""
        if not milliseconds:
            raise ValueError("no durations to summarise")
        return cls(tuple(sorted(milliseconds)))

    @property
    def median(self) -> float:
        """Half took less."""
        return self.percentile(50)

    @property
    def p95(self) -> float:
        """95 of 100 took less."""
        return self.percentile(95)

    def percentile(self, share: float) -> float:
        """Return the duration below which `share` percent lie, interpolated between neighbours."""
        place = (len(self.milliseconds) - 1) * share / 100
        low = int(place)
        below = self.milliseconds[low]
        above = self.milliseconds[min(low + 1, len(self.milliseconds) - 1)]
        return min(above, below + (place - low) * (above - below))  # rounding could exceed it

    def cells(self) -> list[str]:
        """Return median, 95th percentile and number as a table's cells."""
        return [f"{self.median:.3f}", f"{self.p95:.3f}", str(len(self.milliseconds))]


TIME_HEADERS = ("median ms", "p95 ms", "times")


def measure(work: Callable[[], object], *, times: int = 100, warm_up: int = 10) -> Times:
    """Run `work` `warm_up` times unmeasured, then `times` times measured."""
    for _ in range(warm_up):
        work()
    durations: list[float] = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        durations.append((time.perf_counter() - begun) * 1000)
    return Times.of(durations)


def side_by_side(
    works: dict[str, Callable[[], object]], *, times: int = 100, warm_up: int = 10
) -> dict[str, Times]:
    """Measure several things in turn, one of each a round, so that the machine's moods meet them alike."""
    for work in works.values():
        for _ in range(warm_up):
            work()
    durations: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(times):
        for name, work in works.items():
            begun = time.perf_counter()
            work()
            durations[name].append((time.perf_counter() - begun) * 1000)
    return {name: Times.of(values) for name, values in durations.items()}


@dataclass(frozen=True)
class Table:
    """Rows under headers, with a title that says what was measured and on what."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=tuple)

    def text(self) -> str:
        """Return the table as a Markdown table under its title."""
        wide = [
            max(len(row[index]) for row in [self.headers, *self.rows]) for index in range(len(self.headers))
        ]

        def line(cells: Sequence[str]) -> str:
            return (
                "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, wide, strict=True)) + " |"
            )

        rule = "|" + "|".join("-" * (width + 2) for width in wide) + "|"
        return "\n".join(
            [f"## {self.title}", "", line(self.headers), rule, *map(line, self.rows), *self.notes]
        )

    def as_json(self) -> dict[str, object]:
        """Return the table as plain JSON values."""
        return asdict(self)


def show(run: Callable[[], Sequence[Table]]) -> int:
    """Print what `run` measures: tables, or one JSON list with --json on the command line."""
    if "--json" in sys.argv[1:]:
        print(json.dumps([table.as_json() for table in run()], indent=2))
    else:
        print("\n\n".join(table.text() for table in run()))
    return 0


def data_folder() -> Path:
    """Return where texts are that do not belong in the repository: $FORETYPE_DATA, or beside the repository."""
    beside = Path(__file__).parent.parent.parent / "shared" / "data"
    return Path(os.environ.get("FORETYPE_DATA") or beside)


def real_text(least: int) -> tuple[str, str]:
    """Return a text of at least `least` characters that no model of ours has learnt from, and what it is.

    It is one of the held-out authors' where the data is there ($FORETYPE_DATA, or beside the repository), else this
    repository's documentation. What is too short is repeated.
    """
    root = Path(__file__).parent.parent
    file = data_folder() / "authors" / "techblog_matklad" / "heldout.txt"
    if file.is_file():
        text, what = file.read_text(encoding="utf-8"), f"{file.parent.name}/{file.name}"
    else:
        pages = sorted([*root.glob("*.md"), *root.glob("docs/*.md")])
        text = "\n\n".join(page.read_text(encoding="utf-8") for page in pages)
        what = (
            "this repository's documentation ($FORETYPE_DATA names no folder with authors/techblog_matklad)"
        )
    return text * (1 + least // len(text)), what


def machine() -> str:
    """Describe what the benchmarks run on, in one line; torch is asked in a child."""
    command = [sys.executable, "-P", "-m", "core.machine"]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=300, check=True)
    facts = json.loads(done.stdout)
    fast = f"int8 {facts['int8_engine']}" if facts["int8"] else "no int8"
    return (
        f"{facts['processor']}, {facts['cores']} cores, {facts['capability']}; {platform.system()}, "
        f"Python {platform.python_version()}, torch {facts['torch']}, "
        f"{fast}, trains on {facts['training_device']}"
    )
