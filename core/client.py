"""The app's end of the engine and of the trainer: asyncio clients of the two child processes.

Needs no screen and no torch. An engine that dies is started again and told its drafts; requests fail with ChildGone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Literal, cast

from core import protocol
from core.child import Child, ChildError, ChildFailure, ChildGone, PartialHandler, Sent, Superseded, quiet
from core.events import Finished, TrainingEvent, event_from_json
from core.jobs import TrainingJob
from core.protocol import Json, Notification, Position

__all__ = [
    "ChildError",
    "ChildFailure",
    "ChildGone",
    "EngineClient",
    "EngineState",
    "Superseded",
    "TrainerClient",
]

EngineState = Literal["starting", "loading", "ready", "failed", "gone", "closed"]
"""starting: the process is coming up; loading: a model is on its way; ready: it suggests; failed: no model could
be loaded; gone: it died and comes back by itself; closed: close() was called."""

BACKOFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before an engine that died is started again: the first of these after the first death in a row."""
STEADY_SECONDS = 60.0
"""An engine that lived this long is started at once when it dies."""


class EngineClient:
    """The engine as the app sees it. Make it and use it within one running event loop.

    `text_of(draft)` gives the current text of an open draft when an engine has to be told it anew;
    `on_state(state, line)` hears of every change, with one line for a person (empty where there is nothing to say).
    """

    def __init__(
        self,
        *,
        text_of: Callable[[str], str],
        on_state: Callable[[EngineState, str], None],
        model: str | None = None,
        threads: int = 1,
        backoff: Sequence[float] = BACKOFF,
        command: Sequence[str] | None = None,
    ) -> None:
        self.model = model
        self.state: EngineState = "starting"
        self.loaded: protocol.LoadedModel | None = None
        self._text_of = text_of
        self._on_state = on_state
        self._arguments = ("--threads", str(threads))
        self._backoff = backoff
        self._command = command
        self._child: Child | None = None
        self._drafts: set[str] = set()
        self._newest: dict[tuple[str, str], Sent] = {}
        self._deaths = 0
        self._started = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The engine's process number, while there is one."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the engine and the loading of its model; returns as soon as messages can be sent."""
        if self.state == "closed":
            return
        self._tell("starting", "")
        child = Child("the engine", "core.engine", self._arguments, _too_late, self._on_end, self._command)
        try:
            await child.start()
        except OSError as error:
            self._on_start_failed(error)
            return
        if cast(EngineState, self.state) == "closed":  # close() came while the process started
            await child.close()
            return
        self._child, self._started = child, time.monotonic()
        # All of this is written before anything else can be: whatever is asked next finds its draft open.
        self._keep(quiet(child.send("initialize", {})))
        for draft in sorted(self._drafts):
            self._keep(quiet(child.send("open", {"draft": draft, "text": self._text_of(draft)})))
        if self.model is not None:
            self._keep(quiet(self._loading(self.model, self._ask_load(self.model))))

    async def close(self) -> None:
        """End the engine; takes a second at the most, and its requests fail with ChildGone."""
        self._tell("closed", "")
        for task in self._tasks:
            task.cancel()
        if self._child is not None:
            self._child.notify("exit", {})  # heard even while it loads a model
            await self._child.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def request(self, method: str, params: Json, partial: PartialHandler | None = None) -> Any:
        """Send any request and wait for its result; raises ChildGone, Superseded or ChildFailure.

        Cancelling the task that waits cancels the request in the engine too.
        """
        return await self._send(method, params, partial)

    def notify(self, method: str, params: Json) -> None:
        """Send any notification; a dead engine does not hear it, and is told all when it is back."""
        if self._child is not None:
            self._child.notify(method, params)

    async def load(self, model: str) -> protocol.LoadedModel:
        """Load a model, by its name or its folder; the one before stays until it is there."""
        return await self._loading(model, self._ask_load(model))

    def _ask_load(self, model: str) -> Sent:
        sent = self._send("load", {"model": model})
        self._tell("loading", "")
        return sent

    async def _loading(self, model: str, sent: Sent) -> protocol.LoadedModel:
        try:
            loaded = cast(protocol.LoadedModel, await sent)
        except (ChildFailure, Superseded) as failure:
            self._tell("ready" if self.loaded else "failed", str(failure))
            raise
        self.model, self.loaded = model, loaded
        self._tell("ready", "")
        return loaded

    def open(self, draft: str, text: str) -> None:
        """Open a draft's session. `draft` is any name that stays the same; returns at once."""
        self._drafts.add(draft)
        if self._child is not None and self._child.alive:
            self._keep(quiet(self._child.send("open", {"draft": draft, "text": text})))

    def edit(self, draft: str, start: Position, end: Position, text: str) -> None:
        """Tell an edit: what was from `start` to `end` became `text`."""
        self.notify("edit", {"draft": draft, "start": list(start), "end": list(end), "text": text})

    def close_draft(self, draft: str) -> None:
        """Close a draft's session; returns at once."""
        self._drafts.discard(draft)
        if self._child is not None and self._child.alive:
            self._keep(quiet(self._child.send("close", {"draft": draft})))

    async def ghost(
        self,
        draft: str,
        cursor: Position,
        generation: int,
        *,
        temperature: float = 0.0,
        eagerness: float = 0.0,
        words: int = 6,
        alternatives: int = 3,
        seed: int = 0,
        passed: Sequence[str] = (),
        partial: Callable[[protocol.GhostPartial], None] | None = None,
    ) -> protocol.Ghost:
        """The ghost at `cursor`, `eagerness` (0 to 1) likely at least, which begins with no word of `passed`.

        `partial` hears it grow. An older ghost of the draft fails with Superseded.
        """
        params: Json = {"draft": draft, "cursor": list(cursor), "generation": generation, "seed": seed}
        params |= {"temperature": temperature, "eagerness": eagerness, "words": words, "passed": list(passed)}
        params["alternatives"] = alternatives
        return cast(protocol.Ghost, await self._send("ghost", params, cast(PartialHandler | None, partial)))

    async def distribution(
        self,
        draft: str,
        cursor: Position,
        path: str = "",
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        count: int = 10,
    ) -> protocol.Distribution:
        """The likeliest next words at `cursor`, or after `path`, text to be taken as if it stood there."""
        params: Json = {"draft": draft, "cursor": list(cursor), "path": path, "count": count}
        params |= {"temperature": temperature, "top_p": top_p}
        return cast(protocol.Distribution, await self._send("distribution", params))

    async def branches(
        self,
        draft: str,
        cursor: Position,
        path: str = "",
        *,
        count: int = 4,
        words: int = 6,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> protocol.Branches:
        """`count` ways to go on from `cursor` after `path`, the text chosen so far and not in the draft."""
        params: Json = {"draft": draft, "cursor": list(cursor), "path": path, "count": count, "words": words}
        params |= {"temperature": temperature, "top_p": top_p, "seed": seed}
        return cast(protocol.Branches, await self._send("branches", params))

    async def surprise(
        self,
        draft: str,
        start: Position,
        end: Position,
        *,
        on_words: Callable[[list[protocol.WordSurprise]], None] | None = None,
    ) -> protocol.Surprise:
        """How little each word from `start` to `end` was expected; `on_words` hears of most of them sooner."""
        params: Json = {"draft": draft, "start": list(start), "end": list(end)}
        heard: PartialHandler | None = on_words and (lambda fields: on_words(fields["words"]))
        return cast(protocol.Surprise, await self._send("surprise", params, heard))

    async def generate(
        self,
        prompt: str,
        *,
        temperature: float = 0.7,
        top_p: float = 1.0,
        words: int = 100,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> protocol.Generated:
        """Go on from `prompt`; `on_text` hears each piece as it is sampled."""
        params: Json = {"prompt": prompt, "temperature": temperature, "top_p": top_p}
        params |= {"words": words, "seed": seed}

        def heard(fields: Json) -> None:
            if on_text is not None:
                on_text(str(fields["text"]))

        return cast(protocol.Generated, await self._send("generate", params, heard))

    async def score(
        self,
        file: str,
        *,
        text: str | None = None,
        chars: int | None = None,
        start: int = 0,
        eagerness: float = 0.0,
        again: bool = False,
        on_progress: Callable[[Json], None] | None = None,
    ) -> protocol.Score:
        """Replay `file` (or `text`, which `file` then only names) through the typist of the design."""
        params: Json = {"file": file, "start": start, "eagerness": eagerness, "again": again}
        params |= {key: value for key, value in (("text", text), ("chars", chars)) if value is not None}
        return cast(protocol.Score, await self._send("score", params, on_progress))

    async def figures(self) -> protocol.Figures:
        """What the engine is and how fast it answers."""
        return cast(protocol.Figures, await self._send("figures", {}))

    def _send(self, method: str, params: Json, partial: PartialHandler | None = None) -> Sent:
        child = self._child
        if child is None or not child.alive:
            raise ChildGone(f"the engine is {self.state}")
        sent = child.send(method, params, partial)
        if method in protocol.SUPERSEDING:
            key = (method, str(params.get("draft")))
            if (older := self._newest.get(key)) and not older.future.done():
                older.child.forget(older.id, Superseded("superseded"))
            self._newest[key] = sent
        return sent

    def _on_end(self, status: int) -> None:
        self._child, self.loaded = None, None
        if time.monotonic() - self._started > STEADY_SECONDS:
            self._deaths = 0
        self._newest.clear()
        if self.state != "closed":
            how = f"signal {-status}" if status < 0 else f"status {status}"
            self._start_again(f"the engine ended ({how}): starting it again")

    def _on_start_failed(self, error: OSError) -> None:
        if self.state != "closed":
            why = error.strerror or type(error).__name__
            self._start_again(f"the engine cannot be started ({why}): trying again")

    def _start_again(self, line: str) -> None:
        delay = self._backoff[min(self._deaths, len(self._backoff) - 1)]
        self._deaths += 1
        self._tell("gone", line)

        async def again() -> None:
            await asyncio.sleep(delay)
            await self.start()

        self._keep(asyncio.create_task(again()))

    def _tell(self, state: EngineState, line: str) -> None:
        if self.state == "closed" and state != "closed":
            return
        self.state = state
        self._on_state(state, line)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _too_late(_: Notification) -> None:
    """A notification of the engine whose request is over does not matter any more."""


class TrainerClient:
    """One training run in the trainer process, as a stream of events."""

    def __init__(self, *, command: Sequence[str] | None = None) -> None:
        self._command = command
        self._child: Child | None = None

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return self._child is not None and self._child.alive

    @property
    def pid(self) -> int | None:
        """The trainer's process number, while there is one."""
        return self._child.pid if self._child else None

    def start(self, job: TrainingJob) -> AsyncGenerator[TrainingEvent]:
        """Train; iterate to get the events, of which Finished is the last.

        Raises ChildFailure (one line for a person) where the run fails, ChildGone where the trainer dies.
        """
        return self._run({"job": job.as_json()})

    def resume(self, folder: str) -> AsyncGenerator[TrainingEvent]:
        """Go on with the interrupted run in `folder`; otherwise as start()."""
        return self._run({"resume": folder})

    def pause(self) -> None:
        """Stand still after the present step, with a Paused event."""
        self._notify("pause")

    def go_on(self) -> None:
        """Go on after a pause, with a Resumed event."""
        self._notify("resume")

    def stop(self) -> None:
        """Stop and keep the best so far; Finished follows."""
        self._notify("stop")

    async def close(self) -> None:
        """End the trainer within a second; the run can be resumed from what it wrote last."""
        child, self._child = self._child, None
        if child is not None:
            await child.close()

    def _notify(self, method: str) -> None:
        if self._child is not None:
            self._child.notify(method, {})

    async def _run(self, params: Json) -> AsyncGenerator[TrainingEvent]:
        if self.running:
            raise ChildError("a training run is under way: stop it first")
        queue: asyncio.Queue[TrainingEvent | None] = asyncio.Queue()

        def heard(notification: Notification) -> None:
            if notification.method == "training/event":
                queue.put_nowait(
                    event_from_json(cast("Mapping[str, object]", notification.params.get("event")))
                )

        child = self._child = Child(
            "the trainer", "core.training.trainer", (), heard, lambda _: None, self._command
        )
        try:
            await child.start()
            sent = child.send("train", params)
            sent.future.add_done_callback(lambda _: queue.put_nowait(None))
            finished = False
            while (event := await queue.get()) is not None:
                finished = finished or isinstance(event, Finished)
                yield event
            answer = await sent
            if not finished:
                yield event_from_json(answer["event"])
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ChildGone(f"the trainer cannot be started ({why})") from error
        finally:
            with contextlib.suppress(ChildError):
                await child.close()
            if self._child is child:
                self._child = None
