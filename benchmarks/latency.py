"""How fast the engine answers through its real pipes, what it weighs, how it starts and how it takes a flood.

Times are from the request's writing to the answer's reading in the client (this process, asyncio), so pipes and JSON
are in them; the engine's own figure (request read to answer) stands beside. Ratios are of measurements taken in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.common import TIME_HEADERS, Table, Times, real_text, show
from core.client import EngineClient, Superseded

CONTEXT = 20_000
MEGABYTE = 1_000_000
WARM_UP = 20
REST = 1.0
"""Seconds without a request, after which the engine has given back what it need not keep."""


class Bench:
    """One engine, and the rows of the table."""

    def __init__(self, model: str, text: str, keys: int) -> None:
        self.model, self.text, self.keys = model, text, keys
        self.rows: list[list[str]] = []
        self.loaded: dict[str, Any] = {}
        self.client = self._client()
        self.generation = 0

    def _client(self) -> EngineClient:
        return EngineClient(text_of=lambda _: "", on_state=lambda state, line: None, model=self.model)

    def row(self, what: str, milliseconds: list[float], bar: str = "", remark: str = "") -> None:
        """Add a row to the table."""
        self.rows.append([what, *Times.of(milliseconds).cells(), bar, remark])

    async def starts(self) -> None:
        """From nothing to an answer, and to a ghost."""
        answers: list[float] = []
        ghosts: list[float] = []
        for _ in range(5):
            client = self._client()
            began = time.perf_counter()
            await client.start()
            await client.request("initialize", {})
            answers.append((time.perf_counter() - began) * 1000)
            client.open("d", self.text[:2000])
            await client.ghost("d", position(self.text[:2000]), 1)
            ghosts.append((time.perf_counter() - began) * 1000)
            await client.close()
        self.row("start to `initialize` answered", answers)
        self.row("start to the first ghost (torch is imported)", ghosts, "4,000")

    async def ghost(self, draft: str, text: str) -> tuple[float, float]:
        """One ghost at the end of `text`: milliseconds here, and by the engine's clock."""
        self.generation += 1
        began = time.perf_counter()
        answer = await self.client.ghost(draft, position(text), self.generation)
        return (time.perf_counter() - began) * 1000, answer["milliseconds"]

    async def type_on(self, draft: str, before: str, after: str) -> tuple[list[float], list[float]]:
        """Append `after` key by key to a draft that is `before`, with a ghost after each key."""
        outside: list[float] = []
        inside: list[float] = []
        for character in after:
            end = position(before)
            self.client.edit(draft, end, end, character)
            before += character
            one, other = await self.ghost(draft, before)
            outside.append(one)
            inside.append(other)
        return outside[WARM_UP:], inside[WARM_UP:]

    async def typing(self) -> None:
        """Key by key through a real text."""
        before, after = self.text[:CONTEXT], self.text[CONTEXT : CONTEXT + self.keys + WARM_UP]
        self.client.open("typing", before)
        outside, inside = await self.type_on("typing", before, after)
        self.row("ghost, appending key by key", outside, "5 / 15")
        self.row("the same by the engine's clock", inside)

    async def lengths(self) -> None:
        """A key with 1 MB before the cursor against one with 1 KB, in turns."""
        after = self.text[CONTEXT : CONTEXT + self.keys + WARM_UP]
        short = self.text[CONTEXT - 1000 : CONTEXT]
        long = (self.text * (MEGABYTE // len(self.text) + 1))[: MEGABYTE - CONTEXT] + self.text[:CONTEXT]
        self.client.open("short", short)
        await self.ghost("short", short)
        await self.client.request("figures", {})
        began = time.perf_counter()
        self.client.open("long", long)
        await self.ghost("long", long)
        self.row("open a 1 MB draft, first ghost at its end", [(time.perf_counter() - began) * 1000], "300")
        times: dict[str, list[float]] = {"short": [], "long": []}
        end = list(position(long))
        before = {"short": short, "long": long[-1000:]}
        for character in after:
            for draft in times:
                place = (end[0], end[1]) if draft == "long" else position(before[draft])
                self.client.edit(draft, place, place, character)
                before[draft] += character
                if draft == "long":
                    end = [end[0] + 1, 0] if character == "\n" else [end[0], end[1] + 1]
                    place = (end[0], end[1])
                else:
                    place = position(before[draft])
                self.generation += 1
                began = time.perf_counter()
                await self.client.ghost(draft, place, self.generation)
                times[draft].append((time.perf_counter() - began) * 1000)
        self.row("key after 1 KB", times["short"][WARM_UP:])
        ratio = statistics.median(times["long"][WARM_UP:]) / statistics.median(times["short"][WARM_UP:])
        self.row("key after 1 MB", times["long"][WARM_UP:], "1.2 times", f"{ratio:.2f} times")

    async def backspace(self) -> None:
        """A key, a backspace and the key again, in turns."""
        before, after = self.text[:CONTEXT], self.text[CONTEXT : CONTEXT + self.keys // 2 + WARM_UP]
        self.client.open("backspace", before)
        times: dict[str, list[float]] = {"key": [], "backspace": [], "key after it": []}
        for character in after:
            end, further = position(before), position(before + character)
            for what in times:
                if what == "backspace":
                    self.client.edit("backspace", end, further, "")
                else:
                    self.client.edit("backspace", end, end, character)
                text = before if what == "backspace" else before + character
                times[what].append((await self.ghost("backspace", text))[0])
            before += character
        key = statistics.median(times["key"][WARM_UP:])
        self.row("key", times["key"][WARM_UP:])
        for what in ("backspace", "key after it"):
            own = times[what][WARM_UP:]
            self.row(what, own, "1 time", f"{statistics.median(own) / key:.2f} times")

    async def stateless(self) -> None:
        """`suggest` key by key, with the whole text and with a window that slides."""
        for what, window in (
            ("suggest, 20,000 characters at each key", CONTEXT),
            ("suggest, sliding 2,000", 2000),
        ):
            times: list[float] = []
            for place in range(CONTEXT, CONTEXT + self.keys // 2 + WARM_UP):
                before = self.text[:place] if window == CONTEXT else self.text[place - window : place]
                began = time.perf_counter()
                await self.client.request("suggest", {"before": before})
                times.append((time.perf_counter() - began) * 1000)
            self.row(what, times[WARM_UP:])

    async def flood(self) -> None:
        """1,000 ghosts a second for two seconds, a key each: how long the newest takes once they end."""
        last: list[float] = []
        after: list[float] = []
        superseded = answered = 0
        for turn in range(3):
            before = self.text[: CONTEXT // 2]
            self.client.open("flood", before)
            await self.ghost("flood", before)
            waiting: list[asyncio.Future[Any]] = []
            began = time.perf_counter()
            for number in range(2000):
                end = position(before)
                character = self.text[(turn * 2000 + number) % len(self.text)]
                self.client.edit("flood", end, end, character)
                before += character
                self.generation += 1
                request = self.client.ghost("flood", position(before), self.generation)
                waiting.append(asyncio.ensure_future(request))
                await asyncio.sleep(max(0.0, began + (number + 1) / 1000 - time.perf_counter()))
            sent = time.perf_counter()
            await waiting[-1]
            last.append((time.perf_counter() - sent) * 1000)
            sent = time.perf_counter()
            await self.client.figures()
            after.append((time.perf_counter() - sent) * 1000)
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            superseded += sum(isinstance(outcome, Superseded) for outcome in outcomes)
            answered += sum(isinstance(outcome, dict) for outcome in outcomes)
        remark = f"{answered} answered, {superseded} superseded"
        self.row("after 1,000 ghosts a second for 2 s: the newest", last, "answered", remark)
        self.row("the request behind it", after, "nothing queued")

    async def run(self) -> dict[str, Any]:
        """Everything, in order; returns the engine's own figures at the end."""
        await self.starts()
        await self.client.start()
        await self.client.request("initialize", {})
        await self.ghost_warm()
        for part in (self.typing, self.lengths, self.backspace, self.stateless, self.flood):
            await part()
            for draft in ("typing", "short", "long", "backspace", "flood"):
                self.client.close_draft(draft)
        busy = (await self.client.figures())["memory_megabytes"]
        await asyncio.sleep(REST)
        figures = {**await self.client.figures(), "busy": busy}
        self.loaded = dict(self.client.loaded or {})
        await self.client.close()
        return dict(figures)

    async def ghost_warm(self) -> None:
        """Wait until the model is loaded."""
        self.client.open("warm", "Once upon a time ")
        await self.ghost("warm", "Once upon a time ")


def position(text: str) -> tuple[int, int]:
    """The row and column at which `text` ends."""
    return text.count("\n"), len(text) - (text.rfind("\n") + 1)


def tables(model: str, text: str, keys: int) -> list[Table]:
    """Run everything and return it as tables."""
    bench = Bench(model, text, keys)
    figures = asyncio.run(bench.run())
    loaded = bench.loaded
    title = f"Engine through its pipes: {loaded['name']}, {loaded['weights']:,} weights, {loaded['form']}, one thread"
    memory = (
        f"Resident memory of the engine after all this: {figures['memory_megabytes']:.0f} MB at rest, "
        f"{figures['busy']:.0f} MB before it rested (bar: 450 MB)."
    )
    return [Table(title, ("what", *TIME_HEADERS, "bar", "remark"), bench.rows, [memory])]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.latency", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--text", type=Path, help="a text of at least 25,000 characters, not trained on")
    parser.add_argument("--keys", type=int, default=400, help="keys timed in each part (default: 400)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    text = options.text.read_text(encoding="utf-8") if options.text else real_text(2 * CONTEXT)[0]
    return show(lambda: tables(options.model, text, options.keys))


if __name__ == "__main__":
    sys.exit(main())
