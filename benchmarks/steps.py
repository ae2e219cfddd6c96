"""A step of the network: in int8, in float32 and through torch.nn.LSTM, against reading the weights once.

A step cannot be faster than its weights are read. So the time that reading as many bytes takes is measured beside it,
from memory and from wherever the processor keeps what it has just used, and each step is timed both ways too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.common import TIME_HEADERS, Table, Times, show
from core.library.library import Library
from models.checkpoint import load_checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.stepper import Stepper, int8_available, make_stepper

EVICTING_BYTES = 256 * 2**20
"""What is read to drive the weights out of the caches; larger than those of today's processors."""
ROUNDS = 120
WARM_UP = 20
BATCHES = (1, 8)
BAR = "2.5 x memory"
MEMORY = ", from memory"
CACHE = ", just used"


def weights_read(model: RecurrentLanguageModel) -> int:
    """Return how many weights a step reads: all but those of which it looks up one token's row."""
    left_out = ("embedding.weight", "recurrent.weight_ih_l0")
    return sum(weight.numel() for name, weight in model.state_dict().items() if name not in left_out)


class Reading:
    """Reads bytes of a buffer, which the caches may or may not hold."""

    def __init__(self, count: int) -> None:
        """Take the number of bytes that are read at a time."""
        self._buffer = torch.ones(max(EVICTING_BYTES, 4 * count) // 4)
        self._piece = self._buffer[: count // 4]

    def evict(self) -> None:
        """Read what lies behind the piece, so that no cache holds the piece or anything else."""
        self._buffer[len(self._piece) :].sum()

    def read(self) -> None:
        """Read the piece: a dot product with itself, which every BLAS does as fast as the bytes come."""
        torch.dot(self._piece, self._piece)


class Case:
    """One thing that is timed, after its weights were used or evicted."""

    def __init__(self, name: str, work: Callable[[], object], evict: Callable[[], None] | None) -> None:
        """Take what is timed, and what is to be done before; without `evict`, `work` itself is done before."""
        self.name = name
        self._work, self._before = work, evict or self._again
        self.milliseconds: list[float] = []

    def _again(self) -> None:
        for _ in range(3):
            self._work()

    def time(self) -> None:
        """Time it once."""
        self._before()
        begun = time.perf_counter()
        self._work()
        self.milliseconds.append((time.perf_counter() - begun) * 1000)


def library_step(model: RecurrentLanguageModel, batch: int) -> Callable[[], object]:
    """Return a step through torch.nn.LSTM, as the network was trained."""
    ids = torch.arange(batch).unsqueeze(0)
    state = model.initial_state(batch)

    @torch.inference_mode()
    def step() -> Tensor:
        return model(ids, state)[0]

    return step


def stepper_step(stepper: Stepper, batch: int) -> Callable[[], object]:
    """Return a step of a stepper."""
    ids, state = range(batch), stepper.initial(batch)
    return lambda: stepper.step(ids, state)


def cases(model: RecurrentLanguageModel, reading: Reading) -> list[Case]:
    """Return everything that is timed; the readings come first."""
    found = [
        Case(f"read the int8 weights{MEMORY}", reading.read, reading.evict),
        Case(f"read the int8 weights{CACHE}", reading.read, None),
    ]
    forms = ("int8", "float32") if int8_available() else ("float32",)
    torch.manual_seed(0)
    tiny = RecurrentLanguageModel(ModelConfig(300, model.config.cell, hidden=16))
    for batch in BATCHES:
        for form in forms:
            step, small = (stepper_step(make_stepper(each, form), batch) for each in (model, tiny))

            def evict(small: Callable[[], object] = small) -> None:
                reading.evict()
                small()  # brings the interpreter and the operators back, and no weights

            found.append(Case(f"{form}, batch {batch}{MEMORY}", step, evict))
            found.append(Case(f"{form}, batch {batch}{CACHE}", step, None))
        found.append(Case(f"torch.nn.LSTM, batch {batch}{CACHE}", library_step(model, batch), None))
    return found


def tables(name: str) -> list[Table]:
    """Time everything in turns and return it as a table."""
    torch.set_num_threads(1)
    model = load_checkpoint(Library().find(name).folder).model
    count = weights_read(model)
    timed = cases(model, Reading(count))
    for _ in range(WARM_UP + ROUNDS):
        for case in timed:
            case.time()
    times = {case.name: Times.of(case.milliseconds[WARM_UP:]) for case in timed}
    memory, cache = list(times.values())[:2]
    rows: list[list[str]] = []
    for what, took in times.items():
        ratios = f"{took.median / memory.median:.2f}", f"{took.median / cache.median:.2f}"
        rows.append([what, *took.cells(), *ratios, BAR if what.startswith("int8, batch 1") else ""])
    config = model.config
    size = f"{config.layers} x {config.hidden}, {config.vocabulary:,} tokens"
    notes = [
        f"A step reads {count:,} weights, in int8 a byte each; from memory they come at "
        f"{count / memory.median / 1e6:.1f} GB/s here, just used at {count / cache.median / 1e6:.1f} GB/s."
    ]
    headers = ("what", *TIME_HEADERS, "/ memory", "/ just used", "bar")
    return [Table(f"A step of {name}: {config.cell}, {size}, one thread", headers, rows, notes)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.steps", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.model))


if __name__ == "__main__":
    sys.exit(main())
