"""Has a tree grow: asks the engine for branches and next words, at a temperature and a top-p, one request at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from core.client import EngineState
from core.exploring.branching import Node, add, steps_of
from core.protocol import NextWord, Position
from tui.engines import BranchingEngine
from tui.widgets.suggest_view import temperature_text
from tui.widgets.word_bars import DIGITS

BRANCHES, WORDS = 4, 6
"""How many branches are asked for at a time, and of how many words."""
MOST_BRANCHES = 100
"""How many the engine finds from one place."""
HOTTEST, WARMTH = 2.0, 0.1
LEAST_TOP_P, WIDTH = 0.05, 0.05


@dataclass(frozen=True)
class Sampling:
    """How branches are drawn."""

    temperature: float = 0.0
    top_p: float = 1.0

    def warmer(self, by: int) -> Sampling:
        """The temperature so many steps higher."""
        return replace(self, temperature=min(max(round(self.temperature + by * WARMTH, 2), 0.0), HOTTEST))

    def wider(self, by: int) -> Sampling:
        """Top-p so many steps higher."""
        return replace(self, top_p=min(max(round(self.top_p + by * WIDTH, 2), LEAST_TOP_P), 1.0))

    def __str__(self) -> str:
        """As a title has it."""
        return f"temperature {temperature_text(self.temperature)} · top-p {self.top_p:.2f}"


@dataclass(frozen=True)
class Adopted:
    """What is to be brought into the text, in place of what stands from `start` to `end`."""

    text: str
    start: Position
    end: Position


class Growing:
    """Asks for what follows the nodes of a tree that goes on from one place of a draft."""

    def __init__(self, engine: BranchingEngine, draft: str, place: Position, sampling: Sampling) -> None:
        self._engine, self._draft = engine, draft
        self.place = place
        self.sampling = sampling
        self._seed = 0
        self._asking = asyncio.Lock()

    @property
    def state(self) -> EngineState:
        """The engine's."""
        return self._engine.state

    @property
    def model(self) -> str:
        """The name of the model that is asked."""
        return self._engine.loaded["name"] if self._engine.loaded else ""

    def draw_anew(self) -> None:
        """Let what is sampled from here on differ from what was."""
        self._seed += 1

    async def grow(self, node: Node, count: int = BRANCHES, words: int = WORDS) -> list[Node]:
        """Let `count` branches follow a node; their ends, the likeliest first. Raises ChildError."""
        place = self.place
        async with self._asking:  # a newer request would take the place of one that is under way
            if self.state != "ready":
                return []
            answer = await self._engine.branches(
                self._draft,
                place,
                node.path_text,
                count=min(count, MOST_BRANCHES),
                words=words,
                temperature=self.sampling.temperature,
                top_p=self.sampling.top_p,
                seed=self._seed,
            )
        return [add(node, steps_of(branch)) for branch in answer["branches"]]

    async def words(self, node: Node) -> list[NextWord]:
        """The likeliest words after a node; at the surest temperature as the model thinks. Raises ChildError."""
        if self.state != "ready":
            return []
        answer = await self._engine.distribution(
            self._draft,
            self.place,
            node.path_text,
            temperature=self.sampling.temperature or 1.0,
            top_p=self.sampling.top_p,
            count=len(DIGITS),
        )
        return answer["words"]
