"""Learning while writing: what is saved is remembered at once, and learnt by the weights when nobody types.

Only with a model for which the person turned it on (core.library.learning). One training at a time: a training that
the person began goes before, and one that began by itself stands still while somebody types.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from textual.app import App

from core.errors import UserError
from core.jobs import BASE, TrainingJob
from core.library.client import Librarian
from core.library.learning import IDLE_SECONDS, MINUTES, Learning, learning_of, note_learnt, note_saved
from core.library.library import Library, ModelEntry
from core.library.lineage import to_learn
from core.library.unfinished import unfinished_runs
from core.text import one_line

LOOK_SECONDS: Final = 1.0
"""How often is looked whether somebody types."""
BREATH_SECONDS: Final = 20.0
"""How long nobody must have typed before a training that stood still goes on."""


class Writer(Protocol):
    """What is needed of the app."""

    @property
    def model_in_use(self) -> str:
        """The name of the model that writes."""
        ...

    @property
    def training_running(self) -> bool:
        """Whether a training is under way, whoever began it."""
        ...

    def reload_model(self, name: str) -> Awaitable[None]:
        """Have a model, if it is the one that writes, as it is by now, without a word."""
        ...

    def train(self, job: TrainingJob) -> Awaitable[str | None]:
        """Train as a job says; the new version's folder, None where nothing came of it."""
        ...

    def pause_training(self) -> None:
        """Have the training stand still."""
        ...

    def go_on_training(self) -> None:
        """Have it go on."""
        ...


class LearningWhileWriting:
    """Hears of what is saved and typed, and has the model learn."""

    def __init__(self, app: App[Any], writer: Writer, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._writer, self._clock = app, writer, clock
        self.make_librarian: Callable[[], Librarian] = Librarian
        self._typed_at = clock()
        self._looked_at = clock()
        self.job: TrainingJob | None = None
        """The training that began by itself and is under way."""
        self._paused = False
        self._told = ""
        self._to_remember: set[tuple[str, Path]] = set()
        """Models and files that were saved, while the librarian is at another."""
        self._librarian = asyncio.Lock()
        self._remembering: tuple[str, Path] | None = None
        """What the librarian is at."""

    def typed(self) -> None:
        """Somebody typed: what trains by itself stands still."""
        self._typed_at = self._clock()
        if self.job is not None and not self._paused:
            self._paused = True
            self._writer.pause_training()

    async def saved(self, path: Path) -> None:
        """A draft was saved as this file: have the model that writes remember it, if it may.

        One after the other: each is a process, and all of them change the same memory.
        """
        name = self._writer.model_in_use
        saved = (name, path)
        if self._learning(name) is None or saved in self._to_remember:
            return
        self._to_remember.add(saved)
        await (
            self._librarian.acquire()
        )  # where the app ends meanwhile, `close` finds what was to be remembered
        self._to_remember.discard(saved)  # what is saved from here on may come too late for this one
        self._remembering = saved
        try:
            await self._remember(name, path)
            self._remembering = None  # not where the app ends meanwhile
        finally:
            self._librarian.release()

    def close(self) -> None:
        """The app ends: what was saved and is not remembered yet waits for the next training, which remembers it."""
        for name, path in [*self._to_remember, *([self._remembering] if self._remembering else [])]:
            with contextlib.suppress(UserError, OSError):
                note_saved(name, str(path), path.stat().st_size)

    async def _remember(self, name: str, path: Path) -> None:
        try:
            await self.make_librarian().learn(name, path)  # the engine sees it by itself
        except UserError as error:
            self._warn(f"not learnt: {error}")

    @property
    def due(self) -> bool:
        """Whether `look` has anything to look for: nobody has typed for a while, and it did not look just now."""
        idle = self._clock() - self._typed_at
        if self.job is not None:
            return self._paused and idle >= BREATH_SECONDS
        rested = self._clock() - self._looked_at >= BREATH_SECONDS
        return rested and idle >= IDLE_SECONDS and not self._writer.training_running

    async def look(self) -> None:
        """Begin a training, or let it go on, if nobody has typed for long enough."""
        if not self.due:
            return
        if self.job is not None:
            self._paused = False
            self._writer.go_on_training()
            return
        self._looked_at = self._clock()
        name = self._writer.model_in_use
        learning = self._learning(name)
        if learning is None or not learning.enough:
            return
        if any(run.folder.name == name for run in unfinished_runs()):
            self._warn(
                f"{name} does not learn by itself while a training of it is interrupted: "
                f"resume or discard that in the Train tab"
            )
            return
        await self._train(name, learning.waiting)

    async def _train(self, name: str, waiting: Mapping[str, int]) -> None:
        try:
            self.job, self._paused = learning_job(Library().find(name), waiting), False
            folder = await self._writer.train(self.job)
            if folder is not None:
                note_learnt(name, waiting)
                await self._writer.reload_model(name)
        except UserError as error:
            self._app.notify(one_line(str(error)), severity="warning", markup=False)
        self.job = None  # not where the app ends meanwhile: it asks for it then
        self._typed_at = self._clock()  # whatever came of it, the next one waits as long

    def _warn(self, line: str) -> None:
        """Say what keeps the model from learning; once, as it is tried again and again."""
        if line != self._told:
            self._told = line
            self._app.notify(one_line(line), severity="warning", markup=False)

    def _learning(self, name: str) -> Learning | None:
        """How a model learns; None where it does not."""
        if name == BASE:
            return None
        try:
            learning = learning_of(Library().find(name))
        except UserError:
            return None
        return learning if learning.on else None


def learning_job(entry: ModelEntry, waiting: Iterable[str]) -> TrainingJob:
    """Return the training that goes on from a model with what it was told to learn before and what waits.

    Raises:
        UserError: when nothing of that is there any more.
    """
    return TrainingJob(tuple(to_learn(entry, waiting)), entry.name, parent=entry.name, minutes=MINUTES)
