"""A long session: the millionth key against the thousandth, and the memory that a session takes as it grows.

In this process, with the parts that the engine has for each draft. A million ghosts would take an hour, so most keys
are edits alone and every thousandth asks for a ghost; before the keys that are timed, every key asks. What depends on
the draft's length, on the cursor's moves and on floods of requests is measured through the pipes, in
benchmarks/latency.py.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time

import torch

from benchmarks.common import TIME_HEADERS, Table, Times, real_text, show
from core.drafts.document import Document
from core.engine.answers import memory_megabytes, return_memory
from core.library.library import Library
from core.prediction.decoding import complete
from core.prediction.predictor import Predictor
from core.prediction.session import Session
from models.checkpoint import load_checkpoint

EVERY = 1000
"""Keys to a ghost, until those that are timed come near."""
WARM_UP = 40
YOUNG = 1000
BAR = "1.2 times"


class Typist:
    """A draft that is typed on for ever."""

    def __init__(self, predictor: Predictor, text: str, start: int) -> None:
        """Begin an empty draft; what is typed is `text` from `start` on, again and again."""
        self._document = Document("")
        self._session = Session(predictor, self._document)
        self._text, self._at = text, start
        self.keys = 0

    def key(self) -> None:
        """Type a character."""
        end = self._document.end
        self._document.apply(end, end, self._text[self._at % len(self._text)])
        self._at += 1
        self.keys += 1

    def ghost(self) -> None:
        """Ask for a ghost at the end."""
        complete(self._session.context(self._document.end))

    def type_until(self, keys: int) -> None:
        """Type on, with a ghost at every thousandth key."""
        while self.keys < keys:
            self.key()
            if self.keys % EVERY == 0:
                self.ghost()

    def timed_key(self) -> float:
        """Type a character and ask; return the milliseconds."""
        begun = time.perf_counter()
        self.key()
        self.ghost()
        return (time.perf_counter() - begun) * 1000


def resident() -> float:
    """Return the memory of this process, in MB, without what was freed."""
    gc.collect()
    return_memory()
    return memory_megabytes()


def tables(name: str, keys: int, timed: int) -> list[Table]:
    """Type and measure."""
    torch.set_num_threads(1)
    text, what = real_text(50_000)
    predictor = Predictor(load_checkpoint(Library().find(name).folder))
    # Both come to the same characters at the keys that are timed.
    old, young = Typist(predictor, text, YOUNG - keys), Typist(predictor, text, 0)
    memory: list[list[str]] = []
    last = keys - timed - WARM_UP
    for count in (*(count for count in (0, YOUNG, 10_000, 100_000) if count < last), last):
        old.type_until(count)
        memory.append([f"{count:,}", f"{resident():.0f}"])
    young.type_until(YOUNG - timed - WARM_UP)
    times: dict[str, list[float]] = {f"key {YOUNG:,}": [], f"key {keys:,}": []}
    for _ in range(timed + WARM_UP):
        for taken, typist in zip(times.values(), (young, old), strict=True):
            taken.append(typist.timed_key())
    measured = {key: Times.of(taken[WARM_UP:]) for key, taken in times.items()}
    first = next(iter(measured.values()))
    rows = [[key, *took.cells(), f"{took.median / first.median:.2f}"] for key, took in measured.items()]
    rows[0].append("")
    rows[1].append(BAR)
    title = "A key and its ghost, early and late in a session, in turns, one thread"
    return [
        Table(title, ("the keys until", *TIME_HEADERS, "ratio", "bar"), rows, [f"Typed: {what}."]),
        Table("Memory of this process, model and session", ("after keys", "resident MB"), memory),
    ]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.sessions", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument(
        "--keys", type=int, default=1_000_000, help="keys of the long session (default: 1,000,000)"
    )
    parser.add_argument("--timed", type=int, default=400, help="keys timed at its end (default: 400)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.keys < 2 * YOUNG or not 1 <= options.timed <= YOUNG // 2:
        parser.error(f"--keys must be at least {2 * YOUNG}, and --timed from 1 to {YOUNG // 2}")
    return show(lambda: tables(options.model, options.keys, options.timed))


if __name__ == "__main__":
    sys.exit(main())
