"""The ghost's way from a key to the screen: asks the engine, and matches its answers to the text as it is by then.

Each change of the text makes a new generation; an answer to an older one is dropped. A ghost that the person types
along stays as it is and is only made longer, never another; but one that had been looked at and was typed past is gone
(core.passed_over).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.document._document import Location

from core.client import ChildError, Superseded
from core.passed_over import PassedOver
from core.protocol import Ghost as Answer
from core.protocol import GhostPartial
from core.settings import Settings
from core.statistics.counting import Tally
from core.words import first_word
from tui.engines import GhostEngine
from tui.widgets.editor import Editor, How
from tui.widgets.ghost import words_left

LISTED = 9
"""Ways to go on in the list of alternatives: as many as there are digits."""
LEAST_CELLS = 2
"""Cells of a ghost that comes by itself, at least; a wide character takes several keys to type."""
WORDS_KEPT_AHEAD = 2
"""A ghost that is typed along is made longer when fewer words of it are left."""


@dataclass(frozen=True)
class GhostStatus:
    """What the status line says of the ghost."""

    silence: str | None = None
    """Why there is none, in one word."""
    milliseconds: float | None = None
    """From asking for the last ghost to its answer."""
    source: str | None = None
    """Path of the person's own document that the ghost quotes."""


class Ghosting:
    """Follows one editor's text and shows ghosts in it. `report` hears of each change of the ghost's status."""

    def __init__(
        self,
        editor: Editor,
        tally: Tally,
        settings: Settings,
        report: Callable[[GhostStatus], None],
    ) -> None:
        self.settings = settings
        self.paused = not settings.ghosts
        self.draft = ""
        self._editor = editor
        self._tally = tally
        self._report = report
        self._engine: GhostEngine | None = None
        self._texts: dict[str, Callable[[], str]] = {}
        """Tells the text of each open draft."""
        self._generation = 0
        self._seed = 0
        self._dismissed = False
        self._waiting = False
        """The last change wants a ghost, and the engine is not ready to make one."""
        self._insisting = False
        """The person asked for it: the best guess shows, however unlikely."""
        self._edit_start: Location = (0, 0)
        self._taken_of = False
        """Something of the ghost that is shown has been taken."""
        self._passed = PassedOver(settings.look or math.inf)
        self._tasks: set[asyncio.Task[None]] = set()
        self.changed: Callable[[], None] = lambda: None
        """Called after the text or the cursor changed, for whoever shows what depends on them."""
        editor.listener = self

    # The draft

    def connect(self, engine: GhostEngine) -> None:
        """Ask this engine from here on."""
        self._engine = engine
        for name, text in self._texts.items():
            engine.open(name, text())

    def show_draft(self, name: str, text: Callable[[], str]) -> None:
        """Follow the draft that the editor holds now; the engine goes on knowing those that were there before."""
        self.draft = name
        self._drop()
        self._passed.forget()
        self._tally.new_text()
        self._waiting = self._dismissed = False
        if name not in self._texts:
            self._texts[name] = text
            if self._engine is not None:
                self._engine.open(name, text())

    def close_draft(self, name: str) -> None:
        """The draft is not open any more."""
        if self._texts.pop(name, None) and self._engine is not None:
            self._engine.close_draft(name)

    def text_of(self, draft: str) -> str:
        """The text of an open draft, for an engine that has to be told it anew."""
        text = self._texts.get(draft)
        return text() if text else ""

    # What the editor tells

    def text_edited(self, start: Location, end: Location, text: str) -> None:
        """Pass an edit on."""
        self._passed.offered(self._editor.shown_ghost)
        self._edit_start = start
        self._tally.edit(start, end, text)
        if self._engine is not None:
            self._engine.edit(self.draft, start, end, text)

    def text_changed(self, how: How, text: str) -> None:
        """Decide whether a ghost is to be asked for."""
        self._generation += 1
        self._count(how, text)
        self._pass_over(how, text)
        if self._dismissed and (how == "taken" or text[-1:].isspace()):
            self._dismissed = False
        if how in ("typed", "taken", "deleted"):
            if words_left(self._editor.ghost) < WORDS_KEPT_AHEAD:
                self._ask_unless_silent()
        else:
            self._drop()
            self._report(GhostStatus())
        self.changed()

    def _count(self, how: How, text: str) -> None:
        if how == "typed":
            # What begins with white space came of one key, however long: Enter in a list, Tab.
            self._tally.type(1 if text[:1].isspace() else len(text))
        elif how == "taken":
            self._tally.take(self._edit_start, text, first=not self._taken_of)
            self._taken_of = True

    def _pass_over(self, how: How, text: str) -> None:
        """Drop a ghost that was typed past though it had been seen: it is not what is meant."""
        if how != "typed":
            self._passed.forget()
            return
        self._passed.typed(text)
        if first_word(self._editor.ghost) in self._passed.words:
            self._editor.clear_ghost()

    def cursor_moved(self) -> None:
        """Forget what was asked for the place before."""
        self._drop()
        self._passed.forget()
        editor = self._editor
        mid_line = editor.selection.is_empty and not editor.at_line_end
        self._report(GhostStatus("mid-line" if mid_line else None))
        self.changed()

    def ghost_wanted(self) -> None:
        """Ask for a ghost even if ghosts are paused, dismissed or unsure; once more: for another."""
        self._dismissed = False
        self._passed.forget()
        before = self._editor.ghost
        self._seed = self._seed + 1 if before else 0
        if before and not self.settings.temperature:
            # The same question would have the same answer, of which there are other parts.
            self._editor.action_turn_ghost(1)
            if self._editor.ghost != before:
                return
        self._editor.clear_ghost()
        self._ask(eagerness=0.0, mandatory=True)

    def alternatives_wanted(self) -> None:
        """Ask for the ways to go on from here, to be shown as a list."""
        self._dismissed = False
        self._passed.forget()
        self._editor.clear_ghost()
        self._ask(eagerness=0.0, mandatory=True, listing=True)

    def ghost_turned(self) -> None:
        """Another alternative is looked at now."""
        self._passed.offered(self._editor.shown_ghost)

    def ghost_dismissed(self) -> None:
        """Show none before the next word."""
        self._dismissed = True
        self._tally.dismiss()
        self._drop()
        self._report(GhostStatus("dismissed"))

    # What the app tells

    def change_settings(self, settings: Settings) -> None:
        """Suggest by these settings; a ghost that is shown, or would be, is asked for anew."""
        before, self.settings = self.settings, settings
        self._passed.look = settings.look or math.inf
        asked = (before.temperature, before.eagerness, before.words)
        if asked != (settings.temperature, settings.eagerness, settings.words):
            self.refresh()

    def refresh(self) -> None:
        """Ask anew for the same place, because the model or how it is asked changed."""
        self._editor.clear_ghost()
        self._drop()
        self._ask_unless_silent()

    def pause(self, paused: bool) -> None:
        """Show ghosts only on request, or also by themselves."""
        self.paused = paused
        self._dismissed = False
        if paused:
            self._editor.clear_ghost()
            self._drop()
            self._report(GhostStatus("paused"))
        else:
            self._ask_unless_silent()

    def engine_changed(self) -> None:
        """The engine's state changed: ask for what was wanted meanwhile, or say why there is nothing."""
        engine = self._engine
        if engine is not None and engine.state == "ready":
            waiting, self._waiting = self._waiting, False
            if waiting and self._insisting:
                self._ask(eagerness=0.0, mandatory=True)
            elif waiting:
                self._ask_unless_silent()
            else:
                self._report(GhostStatus(self._silence()))
        else:
            self._report(GhostStatus(self._silence()))
        self.changed()

    # Asking

    def _silence(self) -> str | None:
        """Why no ghost is asked for, or None."""
        if self.paused:
            return "paused"
        if self._engine is None or self._engine.state in ("starting", "loading", "gone"):
            return "loading"
        if self._engine.state != "ready":
            return "off"
        if self._dismissed:
            return "dismissed"
        if not self._editor.selection.is_empty:
            return "selecting"
        return None if self._editor.at_line_end else "mid-line"

    def _ask_unless_silent(self) -> None:
        silence = self._silence()
        self._insisting = False
        self._waiting = silence == "loading"
        if silence is None:
            self._ask(self.settings.eagerness)
            return
        if silence != "loading":
            self._editor.clear_ghost()
        self._report(GhostStatus(silence))

    def _ask(self, eagerness: float, *, mandatory: bool = False, listing: bool = False) -> None:
        engine = self._engine
        self._insisting = mandatory
        if engine is None or engine.state != "ready" or not self._editor.at_line_end:
            self._waiting = mandatory and self._editor.at_line_end
            self._report(GhostStatus("mid-line" if engine and engine.state == "ready" else "loading"))
            return
        self._generation += 1
        task = asyncio.create_task(self._fetch(engine, self._generation, eagerness, listing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch(self, engine: GhostEngine, generation: int, eagerness: float, listing: bool) -> None:
        begun = time.perf_counter()
        kept = self._editor.ghost

        def grow(partial: GhostPartial) -> None:
            if generation == self._generation:
                self._show([partial["ghost"]], kept, final=False)

        settings = self.settings
        try:
            answer = await engine.ghost(
                self.draft,
                self._editor.cursor_location,
                generation,
                temperature=settings.temperature,
                eagerness=eagerness,
                words=settings.words,
                alternatives=LISTED - 1 if listing else 3,
                seed=self._seed,
                passed=self._passed.words,
                partial=None if listing else grow,
            )
        except Superseded:
            return
        except ChildError:
            if generation == self._generation:
                self._editor.clear_ghost()
                self._waiting = True
                self._report(GhostStatus(self._silence() or "off"))
            return
        if generation == self._generation:
            self._take(answer, kept, 1000 * (time.perf_counter() - begun), listing)

    def _take(self, answer: Answer, kept: str, milliseconds: float, listing: bool) -> None:
        ways = answer["alternatives"] if answer["ghost"] else []
        texts = [answer["ghost"], *(item["text"] for item in ways)] if answer["ghost"] else []
        self._tally.answered(milliseconds)
        if listing:
            chances = [answer["probability"], *(item["probability"] for item in ways)]
            # A ghost may be first because it saves more keys; a list is read by its figures.
            likely = sorted(zip(texts, chances, strict=False), key=lambda way: -way[1])
            self._editor.show_ghost(
                [text for text, _ in likely], [chance for _, chance in likely], listing=True
            )
            self._count_shown()
        else:
            self._show(texts, kept, final=True)
        source = None
        if self._editor.ghost:
            silence = None if self._editor.shown_ghost else "crowded"  # no rows free for a word of it
            if silence is None and self._editor.ghost == answer["ghost"]:
                source = answer.get("source")
        else:
            silence = answer["silence"] or "unsure"
        self._report(GhostStatus(silence, milliseconds, source))

    def _show(self, texts: list[str], kept: str, *, final: bool) -> None:
        """Show an answer; one that came while `kept` is typed along may only go on from it.

        What no one asked for and saves no key is not shown: its only letter is typed with one as well.
        """
        if not kept and not self._insisting and texts and cell_len(texts[0]) < LEAST_CELLS:
            texts = []
        going_on = [text for text in texts if text.startswith(kept)]
        before = self._editor.ghost
        if not kept:
            if texts or final:
                self._editor.show_ghost(texts)
            if not before:
                self._count_shown()
        elif going_on and len(going_on[0]) > len(self._editor.ghost):
            self._editor.show_ghost(going_on)
        self._passed.offered(self._editor.shown_ghost)

    def _count_shown(self) -> None:
        if self._editor.shown_ghost:
            self._tally.show()
            self._taken_of = False

    def _drop(self) -> None:
        """Take no answer to anything asked so far."""
        self._generation += 1
        self._seed = 0
