"""What the engine weighs: its resident memory from the bare interpreter to the base model with drafts that are written.

The stages are those of one process in the order in which the engine goes through them; the engine itself, asked through
its pipes, stands below. MB are millions of bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import subprocess
import sys

from benchmarks.common import Table, real_text, show
from core.client import EngineClient
from core.engine.answers import memory_megabytes, return_memory, warm_up
from core.library.library import Library

BAR = "450"
DRAFTS = 3
KEYS = 300
"""Ghosts asked for in each draft."""


def stages(model: str) -> list[tuple[str, float]]:
    """Load a model step by step; return what this process weighs after each."""
    found: list[tuple[str, float]] = [("interpreter and what is torch-free", memory_megabytes())]

    def note(what: str) -> None:
        gc.collect()
        return_memory()
        found.append((what, memory_megabytes()))

    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    note("torch imported")
    from core.prediction.predictor import Predictor
    from models.checkpoint import load_checkpoint

    note("the models' modules imported")
    checkpoint = load_checkpoint(Library().find(model).folder)
    note("checkpoint loaded: float32 weights, tokenizer, memory mapped")
    predictor = Predictor(checkpoint)
    note("laid out for steps")
    del checkpoint
    note("float32 weights given back")
    warm_up(predictor)
    note("used once")
    return found


async def engine(model: str) -> list[tuple[str, float]]:
    """Return what an engine weighs with the model loaded, and after drafts have been written in it."""
    text = real_text(50_000)[0]
    client = EngineClient(text_of=lambda _: "", on_state=lambda state, line: None, model=model)
    await client.start()
    found: list[tuple[str, float]] = []
    try:
        await client.load(model)
        found.append(("engine, model loaded", (await client.figures())["memory_megabytes"]))
        for number in range(DRAFTS):
            name, row = f"draft {number}", text[number * 12_000 : number * 12_000 + 10_000].replace("\n", " ")
            client.open(name, row)
            after = text[number * 12_000 + 10_000 :].replace("\n", " ")
            for at in range(KEYS):
                end = len(row) + at
                client.edit(name, (0, end), (0, end), after[at])
                await client.ghost(name, (0, end + 1), at)
            weight = (await client.figures())["memory_megabytes"]
            found.append((f"engine, {number + 1} x {KEYS} keys written", weight))
    finally:
        await client.close()
    return found


def tables(model: str) -> list[Table]:
    """Measure."""
    command = [sys.executable, "-P", "-m", "benchmarks.resident", "--model", model, "--stages"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    steps: list[tuple[str, float]] = [(what, weight) for what, weight in json.loads(done.stdout)]
    rows: list[list[str]] = []
    before = 0.0
    for what, weight in steps:
        rows.append([what, f"{weight:.0f}", f"{weight - before:+.0f}", ""])
        before = weight
    loaded = asyncio.run(engine(model))
    before = loaded[0][1]
    for what, weight in loaded:
        rows.append([what, f"{weight:.0f}", f"{weight - before:+.0f}", BAR])
        before = weight
    return [Table(f"Resident memory, {model}", ("after", "MB", "more", "bar, MB"), rows)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.resident", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--stages", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.stages:
        print(json.dumps(stages(options.model)))
        return 0
    return show(lambda: tables(options.model))


if __name__ == "__main__":
    sys.exit(main())
