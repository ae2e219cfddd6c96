"""An engine and a trainer that answer at once and exactly, for tests of the app: no process, no model."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.client import ChildFailure, EngineState, Superseded
from core.drafts.document import Document
from core.events import TrainingEvent
from core.jobs import TrainingJob
from core.protocol import Branches, Distribution, Ghost, GhostPartial, LoadedModel, Surprise, WordSurprise
from core.words import first_word


@dataclass
class FakeEngine:
    """Answers a ghost by the longest key of `ghosts` that the text before the cursor ends with."""

    text_of: Callable[[str], str]
    on_state: Callable[[EngineState, str], None]
    model: str | None = None
    ghosts: dict[str, list[str]] = field(default_factory=dict)
    ready_at_once: bool = True
    state: EngineState = "starting"
    loaded: LoadedModel | None = None
    documents: dict[str, Document] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False
    words: list[tuple[str, str, float]] = field(default_factory=list)
    odd: dict[str, float] = field(default_factory=dict)

    async def start(self) -> None:
        if self.ready_at_once:
            await self.load(self.model or "base")

    async def load(self, model: str) -> LoadedModel:
        if model == "broken":
            self.tell("ready" if self.loaded else "failed", "broken is not a model: choose another")
            raise ChildFailure(-32000, "broken is not a model: choose another")
        self.tell("loading", "")
        self.model = model
        self.loaded = {
            "name": model, "level": "subword", "cell": "lstm", "layers": 2, "hidden": 512, "weights": 8_400_000,
            "vocabulary": 8192, "form": "int8", "bits_per_character": 1.64, "megabytes": 9.0,
        }  # fmt: skip
        self.tell("ready", "")
        return self.loaded

    def tell(self, state: EngineState, line: str) -> None:
        self.state = state
        self.on_state(state, line)

    async def close(self) -> None:
        self.closed = True

    def open(self, draft: str, text: str) -> None:
        self.documents[draft] = Document(text)

    def edit(self, draft: str, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.documents[draft].apply(start, end, text)

    def close_draft(self, draft: str) -> None:
        del self.documents[draft]

    async def ghost(
        self,
        draft: str,
        cursor: tuple[int, int],
        generation: int,
        *,
        temperature: float = 0.0,
        eagerness: float = 0.0,
        words: int = 6,
        alternatives: int = 3,
        seed: int = 0,
        passed: Sequence[str] = (),
        partial: Callable[[GhostPartial], None] | None = None,
    ) -> Ghost:
        self.asked.append(
            {
                "cursor": cursor,
                "temperature": temperature,
                "eagerness": eagerness,
                "words": words,
                "seed": seed,
                "passed": tuple(passed),
            }
        )
        before = self.documents[draft].before(cursor, 200)
        known = [key for key in self.ghosts if before.endswith(key)]
        if before.endswith("superseded"):
            raise Superseded("superseded")
        texts = self.ghosts[max(known, key=len)] if known else []
        texts = [text for text in texts if first_word(text) not in passed]
        if texts and partial is not None:
            start = texts[0].split(" ")[0]
            if start:
                partial(
                    {"id": 1, "draft": draft, "generation": generation, "ghost": start, "probability": 0.9}
                )
        return {
            "generation": generation,
            "ghost": texts[0] if texts else "",
            "probability": 0.5 if texts else 0.0,
            "alternatives": [{"text": text, "probability": 0.1} for text in texts[1:]],
            "silence": None if texts else "unsure",
            "milliseconds": 3.0,
        }

    async def distribution(
        self,
        draft: str,
        cursor: tuple[int, int],
        path: str = "",
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        count: int = 10,
    ) -> Distribution:
        asked = {"distribution": cursor, "path": path, "temperature": temperature, "top_p": top_p}
        self.asked.append(asked)
        words = self.words or [("forgotten", "ten", 0.61), ("forgot", "", 0.22)]
        return {
            "words": [
                {"text": text, "rest": rest, "probability": share, "plain": share}
                for text, rest, share in words
            ],
            "milliseconds": 1.0,
        }

    async def branches(
        self,
        draft: str,
        cursor: tuple[int, int],
        path: str = "",
        *,
        count: int = 4,
        words: int = 6,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> Branches:
        """Branches that say where they are: " a0 a1 …", " b0 b1 …", after a seed others; each half as likely."""
        self.asked.append({"branches": cursor, "path": path, "count": count, "words": words, "seed": seed})
        self.asked[-1] |= {"temperature": temperature, "top_p": top_p}
        names = [f"{chr(ord('a') + at)}{seed or ''}" for at in range(count)]
        steps = [[{"text": f" {name}{word}", "probability": 0.5} for word in range(words)] for name in names]
        return {
            "branches": [
                {"text": "".join(step["text"] for step in way), "probability": 0.5**words, "steps": way}
                for way in steps
            ]
        }  # type: ignore[typeddict-item]

    async def surprise(
        self,
        draft: str,
        start: tuple[int, int],
        end: tuple[int, int],
        *,
        on_words: Callable[[list[WordSurprise]], None] | None = None,
    ) -> Surprise:
        """What `odd` knows is as surprising as that says, any other word 5 bits; the first half is told sooner."""
        self.asked.append({"surprise": (start, end)})
        found: list[WordSurprise] = []
        for row in range(start[0], end[0] + 1):
            for match in re.finditer(r"\S+", self.documents[draft].lines[row]):
                bits = next((bits for odd, bits in self.odd.items() if odd in match.group()), 5.0)
                found.append({"start": [row, match.start()], "end": [row, match.end()], "bits": bits})
        if on_words is not None:
            on_words(found[: len(found) // 2])
        mean = sum(word["bits"] for word in found) / max(1, len(found))
        return {"words": found, "mean_bits": mean}

    async def request(self, method: str, params: dict[str, Any]) -> Any:
        self.asked.append({method: params})
        ghost = f" as {self.model} says"
        alternative = {"text": " or so", "probability": 0.1, "whole": 0.1}
        return {
            "ghost": ghost, "probability": 0.5, "whole": 0.5, "alternatives": [alternative], "silence": None,
            "milliseconds": 1.0,
        }  # fmt: skip


@dataclass
class FakeTrainer:
    """Yields the events it was given."""

    events: Sequence[TrainingEvent]
    resumed: list[str] = field(default_factory=list)
    jobs: list[TrainingJob] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def start(self, job: TrainingJob) -> AsyncGenerator[TrainingEvent]:
        self.jobs.append(job)
        for event in self.events:
            yield event

    async def resume(self, folder: str) -> AsyncGenerator[TrainingEvent]:
        self.resumed.append(folder)
        for event in self.events:
            yield event

    def pause(self) -> None:
        self.told.append("pause")

    def go_on(self) -> None:
        self.told.append("go on")

    def stop(self) -> None:
        self.told.append("stop")

    async def close(self) -> None:
        self.told.append("close")


GHOSTS = {
    "forgot": ["ten how the light falls", "ten what you said"],
    " the": [" harbour."],
    "Dear ": ["Anna, thank you"],
}


class Engines:
    """Makes fake engines for an app and remembers the last one."""

    def __init__(self, ghosts: dict[str, list[str]] | None = None, *, ready_at_once: bool = True) -> None:
        self.ghosts, self.ready_at_once = GHOSTS if ghosts is None else ghosts, ready_at_once
        self.engine: FakeEngine

    def __call__(self, **arguments: Any) -> FakeEngine:
        self.engine = FakeEngine(**arguments, ghosts=self.ghosts, ready_at_once=self.ready_at_once)
        return self.engine
