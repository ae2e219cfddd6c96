"""What the side panel shows of the next words: how likely each is, and samples of how the text may go on.

Both are asked for while somebody can see them, a moment after a change of the text, at once when the temperature is
turned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from core.client import ChildError, ChildGone, Superseded
from core.protocol import NextWord, Position
from tui.engines import BranchingEngine

QUIET_SECONDS = 0.06
"""How long the text must be still before the bars follow it; a temperature that is turned does not wait."""
SAMPLING_SECONDS = 0.4
"""How long until samples follow it: they take longer, and a ghost must not wait for them."""
COUNT = 10
SAMPLES, SAMPLE_WORDS = 3, 5


class NextWords:
    """Keeps a view of the likeliest next words up to date."""

    def __init__(
        self,
        where: Callable[[], tuple[str, Position]],
        show: Callable[[Sequence[tuple[str, float]], str], None],
        show_nothing: Callable[[str], None],
        show_samples: Callable[[Sequence[str]], None],
        seen: Callable[[], bool],
    ) -> None:
        """`where` gives the draft and the cursor, `seen` says whether anybody looks; `show` takes the words with
        their probabilities and a note on them, `show_nothing` takes why there are none, `show_samples` texts.
        """
        self._where, self._show, self._show_nothing, self._seen = where, show, show_nothing, seen
        self._show_samples = show_samples
        self._task: asyncio.Task[None] | None = None
        self.engine: BranchingEngine | None = None
        self.temperature = 0.0
        self._typed = ""  # the part of a word before the cursor

    def update(self, *, at_once: bool = False) -> None:
        """The text, the cursor, the model or the temperature changed."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.engine is not None and self.engine.state == "ready" and self._seen():
            self._task = asyncio.create_task(self._ask(self.engine, at_once))

    def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, engine: BranchingEngine, at_once: bool) -> None:
        draft, cursor = self._where()
        try:
            if not at_once:
                await asyncio.sleep(QUIET_SECONDS)
            await self._ask_words(engine, draft, cursor)
            if not at_once:
                self._show_samples(())  # those of the text before
                await asyncio.sleep(SAMPLING_SECONDS)
            await self._ask_samples(engine, draft, cursor)
        except (Superseded, ChildGone):  # the next answer, or the engine's state, tells more
            return
        except ChildError as error:
            self._show_nothing(str(error))

    async def _ask_words(self, engine: BranchingEngine, draft: str, cursor: Position) -> None:
        # At 0 the likeliest word would have it all, which says nothing of what the model thinks.
        answer = await engine.distribution(draft, cursor, temperature=self.temperature or 1.0, count=COUNT)
        note = "" if self.temperature else "temperature 1"
        self._typed = next((_begun(word) for word in answer["words"]), "")
        self._show([(word["text"], word["probability"]) for word in answer["words"]], note)

    async def _ask_samples(self, engine: BranchingEngine, draft: str, cursor: Position) -> None:
        # The seed stays the same: what differs from one temperature to the next is the temperature's doing.
        answer = await engine.branches(
            draft,
            cursor,
            count=SAMPLES if self.temperature else 1,
            words=SAMPLE_WORDS,
            temperature=self.temperature,
        )
        texts = [branch["text"] for branch in answer["branches"]]
        self._show_samples([text if text[:1].isspace() else self._typed + text for text in texts])


def _begun(word: NextWord) -> str:
    """The part of a next word that stands in the draft already."""
    return word["text"].removesuffix(word["rest"]) if word["text"].endswith(word["rest"]) else ""
