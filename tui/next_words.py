"""The next-word probabilities in the side panel: asked for while somebody can see them, a moment after a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from core.client import ChildError, ChildGone, EngineState, Superseded
from core.protocol import Distribution, Position

QUIET_SECONDS = 0.06
"""How long the text must be still before the bars follow it; a temperature that is turned does not wait."""
COUNT = 10


class DistributionEngine(Protocol):
    """What is needed of the engine's client."""

    state: EngineState

    async def distribution(
        self,
        draft: str,
        cursor: Position,
        path: str = "",
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        count: int = 10,
    ) -> Distribution:
        """Ask for the likeliest next words."""
        ...


class NextWords:
    """Keeps a view of the likeliest next words up to date."""

    def __init__(
        self,
        where: Callable[[], tuple[str, Position]],
        show: Callable[[Sequence[tuple[str, float]], str], None],
        show_nothing: Callable[[str], None],
        seen: Callable[[], bool],
    ) -> None:
        """`where` gives the draft and the cursor, `seen` says whether anybody looks; `show` takes the words with
        their probabilities and a note on them, `show_nothing` takes why there are none.
        """
        self._where, self._show, self._show_nothing, self._seen = where, show, show_nothing, seen
        self._task: asyncio.Task[None] | None = None
        self.engine: DistributionEngine | None = None
        self.temperature = 0.0

    def update(self, *, at_once: bool = False) -> None:
        """The text, the cursor, the model or the temperature changed."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.engine is not None and self.engine.state == "ready" and self._seen():
            self._task = asyncio.create_task(self._ask(self.engine, 0.0 if at_once else QUIET_SECONDS))

    def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, engine: DistributionEngine, wait: float) -> None:
        await asyncio.sleep(wait)
        draft, cursor = self._where()
        try:
            # At 0 the likeliest word would have it all, which says nothing of what the model thinks.
            answer = await engine.distribution(
                draft, cursor, temperature=self.temperature or 1.0, count=COUNT
            )
        except (Superseded, ChildGone):  # the next answer, or the engine's state, tells more
            return
        except ChildError as error:
            self._show_nothing(str(error))
            return
        note = "" if self.temperature else "at temperature 1"
        self._show([(word["text"], word["probability"]) for word in answer["words"]], note)
