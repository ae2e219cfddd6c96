"""A training run beside the writing: passes the trainer's events on and says in one line how it ended."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from core.client import ChildError
from core.errors import UserError
from core.events import Finished, HeldOut, Paused, Proving, Reading, Resumed, Step, TrainingEvent
from core.jobs import TrainingJob
from core.library.library import Library
from core.library.unfinished import Unfinished
from core.text import one_line


class Trainer(Protocol):
    """What is needed of the trainer's client."""

    def start(self, job: TrainingJob) -> AsyncGenerator[TrainingEvent]:
        """Train and tell."""
        ...

    def resume(self, folder: str) -> AsyncGenerator[TrainingEvent]:
        """Go on with an interrupted run and tell."""
        ...

    def pause(self) -> None:
        """Stand still."""
        ...

    def go_on(self) -> None:
        """Go on."""
        ...

    def stop(self) -> None:
        """Stop and keep the best."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class TrainingRun:
    """Runs one job at a time."""

    def __init__(
        self,
        make_trainer: Callable[[], Trainer],
        *,
        on_event: Callable[[TrainingEvent], None],
        on_error: Callable[[str], None],
        on_status: Callable[[str | None], None],
    ) -> None:
        """`on_status` hears what the status line may say of it, None when it is over."""
        self._make_trainer = make_trainer
        self._on_event, self._on_error, self._on_status = on_event, on_error, on_status
        self._trainer: Trainer | None = None
        self._progress = "training"
        self.begun = False
        """Whether the run has learnt anything: from there on what it learnt is kept, however it ends."""

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._trainer is not None

    async def run(self, work: TrainingJob | Unfinished) -> Finished | None:
        """Train, or go on training, to the end; None where it failed, after the line why was told."""
        if self._trainer is not None:
            self._on_error("a training run is under way: stop it first")
            return None
        trainer = self._trainer = self._make_trainer()
        finished: Finished | None = None
        self.begun = isinstance(work, Unfinished)
        self._tell("training")
        try:
            events = trainer.resume(str(work.folder)) if isinstance(work, Unfinished) else trainer.start(work)
            async for event in events:
                self._follow(event)
                self._on_event(event)
                if isinstance(event, Finished):
                    finished = event
        except ChildError as error:
            self._on_error(one_line(str(error)))
        finally:
            self._trainer = None
            self._on_status(None)
            await trainer.close()
        return finished

    def pause(self) -> None:
        """Stand still."""
        if self._trainer is not None:
            self._trainer.pause()

    def go_on(self) -> None:
        """Go on after a pause."""
        if self._trainer is not None:
            self._trainer.go_on()

    def stop(self) -> None:
        """Stop and keep the best so far."""
        if self._trainer is not None:
            self._trainer.stop()

    async def close(self) -> None:
        """End the run because the app ends; it can be resumed from what it wrote last."""
        if self._trainer is not None:
            await self._trainer.close()

    def _follow(self, event: TrainingEvent) -> None:
        self.begun = self.begun or not isinstance(event, Reading)
        match event:
            case Step(fraction=fraction):
                self._progress = f"training {fraction:.0%}"
                self._tell(self._progress)
            case Proving():
                self._tell("training: measuring")
            case Paused():
                self._tell(f"{self._progress}, paused")
            case Resumed() | HeldOut():
                self._tell(self._progress)
            case _:
                pass

    def _tell(self, line: str) -> None:
        self._on_status(line)


def outcome(event: Finished, in_use: str) -> str:
    """How a run ended, in one line, with what was measured, and what to write with now.

    Args:
        event: how it ended.
        in_use: the name of the model that writes.
    """
    after, before = event.bits_per_character, event.bits_per_character_before
    if math.isfinite(after) and before is not None and math.isfinite(before):
        measured = f": {before:.2f} → {after:.2f} bits per character on held-out text"
    elif math.isfinite(after):
        measured = f": {after:.2f} bits per character on held-out text"
    else:
        measured = ""
    name = one_line(event.name)
    if event.became_current:
        return f"{name} is trained{measured}. Write with it: Ctrl+P, or the panel."
    return f"{name} is trained, but not seen to be better{measured}. {_with_version(in_use)} stays in use."


def _with_version(name: str) -> str:
    """A model's name, and which of its versions it stands for where there are several."""
    try:
        entry = Library().find(name)
    except UserError:
        return one_line(name)
    several = len(entry.versions) > 1
    return f"{one_line(name)}, version {entry.version}," if several else one_line(name)
