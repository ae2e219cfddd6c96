"""How fast one explores: keys in a large tree, surprises of a long draft, next words and samples as a slider moves.

The tree is walked in the app's own widget, without an engine: a key to the painted screen. The rest is asked through
the engine's pipes, from the request's writing to the answer's reading.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Callable

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.screen import Screen

from benchmarks.common import TIME_HEADERS, Table, Times, real_text, show
from core.client import EngineClient
from core.exploring.branching import Node, add, rows
from core.exploring.surprises import Surprises, Word
from tui.widgets.branch_tree import BranchTree

WARM_UP = 10
CONTEXT = 4000


def grown(branches: int, words: int = 6) -> Node:
    """A tree of that many branches, eight from each of the places that it branches at."""
    root = Node()
    ends = [root]
    made = 0
    while made < branches:
        place = ends.pop(0)
        for number in range(8):
            steps = [(f" word{made}x{word}", 0.9 / (1 + number)) for word in range(words)]
            ends.append(add(place, steps))
            made += 1
    return root


class TreeApp(App[None]):
    """Shows a tree and nothing else."""

    def __init__(self, root: Node) -> None:
        super().__init__()
        self.root = root
        self.branches = BranchTree()
        self.painted = 0.0
        """When something was painted last."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Do what a terminal has done for it as well, and note when that was."""
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
            self.painted = time.perf_counter()

    def compose(self) -> ComposeResult:
        """The tree alone."""
        yield self.branches

    def on_mount(self) -> None:
        """Show it."""
        self.branches.show(self.root, "I had almost")


async def walking(branches: int, times: int) -> list[list[str]]:
    """Move down the tree row by row, then let it grow at its end; each until the screen is painted."""
    gc.freeze()  # as the app does with what it has imported
    app = TreeApp(grown(branches))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        tree = app.branches

        async def timed(act: Callable[[], object]) -> float:
            began = time.perf_counter()
            act()
            await pilot.pause()  # which waits some 20 ms more than there is to do
            while app.painted < began:
                await pilot.pause()
            return (app.painted - began) * 1000

        def grow() -> None:
            add(tree.node, [(f" more{len(tree.node.children)}", 0.5)])
            tree.update()

        moves = [await timed(lambda: tree.move_rows(1)) for _ in range(times)]
        tree.move_rows(-branches)
        words = [await timed(tree.move_on) for _ in range(min(times, 5))]
        grows = [await timed(grow) for _ in range(times)]
        count = len(rows(app.root))
    return [
        [f"to the next of {count:,} branches", *Times.of(moves).cells(), "33"],
        ["to the next word", *Times.of(words).cells(), "33"],
        ["a branch more", *Times.of(grows).cells(), "33"],
    ]


class Bench:
    """An engine, asked through its pipes."""

    def __init__(self, model: str, text: str) -> None:
        self.text = text
        self.client = EngineClient(text_of=lambda _: "", on_state=lambda *_: None, model=model)

    async def surprises(self, characters: int) -> list[list[str]]:
        """All of a draft, what a screen shows of it first, and what is asked after an edit."""
        lines = self.text[:characters].split("\n")
        surprises = Surprises()
        self.client.open("draft", "\n".join(lines))
        first: list[float] = []
        began = time.perf_counter()

        async def read() -> float:
            surprises.follow(lines)
            begun = time.perf_counter()
            while stretch := surprises.stretch(0):
                end = stretch[1], len(lines[stretch[1]])

                def heard(_: object) -> None:
                    first.append((time.perf_counter() - began) * 1000)

                answer = await self.client.surprise("draft", (stretch[0], 0), end, on_words=heard)
                found: dict[int, list[Word]] = {row: [] for row in range(stretch[0], stretch[1] + 1)}
                for word in answer["words"]:
                    found[word["start"][0]].append(Word(word["start"][1], word["end"][1], word["bits"]))
                for row, words in found.items():
                    surprises.learn(row, words)
            return (time.perf_counter() - begun) * 1000

        whole = await read()
        edits: list[float] = []
        for turn in range(5):
            row = (turn + 1) * len(lines) // 7
            lines[row] = f"Then {lines[row]}"
            self.client.edit("draft", (row, 0), (row, 0), "Then ")
            edits.append(await read())
        return [
            [f"surprise, a draft of {characters:,} characters", *Times.of([whole]).cells(), "5,000"],
            ["its first hundred words", *Times.of(first[:1]).cells(), ""],
            ["again after an edit", *Times.of(edits).cells(), ""],
        ]

    async def slider(self) -> list[list[str]]:
        """Next words and three samples at each temperature that a slider passes, at several places."""
        words: list[float] = []
        both: list[float] = []
        for turn in range(6):
            text = self.text[turn * 3000 : turn * 3000 + CONTEXT]
            self.client.open("slider", text)
            place = text.count("\n"), len(text) - (text.rfind("\n") + 1)
            await self.client.distribution("slider", place)
            for step in range(1, 21):
                temperature = step / 10
                began = time.perf_counter()
                await self.client.distribution("slider", place, temperature=temperature)
                words.append((time.perf_counter() - began) * 1000)
                await self.client.branches("slider", place, count=3, words=5, temperature=temperature)
                both.append((time.perf_counter() - began) * 1000)
        return [
            ["next words at another temperature", *Times.of(words).cells(), "50"],
            ["next words and three samples", *Times.of(both).cells(), "50"],
        ]

    async def branching(self) -> list[list[str]]:
        """Four branches of six words at the ends of texts not asked about before."""
        times: list[float] = []
        for turn in range(20):
            text = self.text[turn * 1700 : turn * 1700 + CONTEXT]
            self.client.open("branches", text)
            place = text.count("\n"), len(text) - (text.rfind("\n") + 1)
            await self.client.distribution("branches", place)
            began = time.perf_counter()
            await self.client.branches("branches", place)
            times.append((time.perf_counter() - began) * 1000)
        return [["four branches of six words", *Times.of(times).cells(), ""]]

    async def run(self, characters: int) -> list[list[str]]:
        """Everything; the engine ends with it."""
        await self.client.start()
        self.client.open("warm", "Once upon a time ")
        await self.client.ghost("warm", (0, 17), 1)
        rows = [*await self.slider(), *await self.branching(), *await self.surprises(characters)]
        await self.client.close()
        return rows


def tables(model: str, branches: int, characters: int, times: int) -> list[Table]:
    """Run everything and return it as tables."""
    headers = ("what", *TIME_HEADERS, "bar")
    text, source = real_text(max(characters, 40_000))
    walked = asyncio.run(walking(branches, times))
    asked = asyncio.run(Bench(model, text).run(characters))
    return [
        Table("A tree in the app, 120 x 36, key to painted screen", headers, walked),
        Table(f"The engine through its pipes: {model}, on {source}", headers, asked),
    ]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.exploring", description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--branches", type=int, default=1000, help="branches of the tree (default: 1000)")
    parser.add_argument("--characters", type=int, default=100_000, help="of the draft (default: 100000)")
    parser.add_argument("--times", type=int, default=100, help="keys timed (default: 100)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    return show(lambda: tables(options.model, options.branches, options.characters, options.times))


if __name__ == "__main__":
    sys.exit(main())
