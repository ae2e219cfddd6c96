"""Opens the screens on which one explores, and does in the draft what was chosen on them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from core.errors import UserError
from core.exploring import explored
from core.exploring.explored import Explored
from core.exploring.surprises import Surprises
from core.protocol import LoadedModel, Position
from tui.engines import Engine
from tui.exploring_keys import MOVES, SCREENS
from tui.flows.growing import Sampling
from tui.keymap import keys_of, written
from tui.screens.looking import Help, LookingScreen
from tui.screens.models_compared import ModelsCompared
from tui.screens.surprise import SurpriseScreen
from tui.widgets.editor import Editor
from tui.widgets.status_line import KeyHint

if TYPE_CHECKING:
    from tui.app import ForetypeApp


def other_models(name: str) -> list[str]:
    """The models and the versions of models that may be compared with the one called `name`, the most telling first."""
    from core.library.library import Library

    try:
        entries = Library().entries()
    except UserError:
        return []
    current = [entry.name for entry in entries]
    older = [
        f"{entry.name}@{version}"
        for entry in entries
        for version in reversed(entry.versions)
        if version != entry.version
    ]
    return [other for other in (*current, *older) if other != name]


class Exploring:
    """Knows what was explored of the draft in the editor. What it opens waits in a worker for its answer."""

    def __init__(self, app: ForetypeApp, keymap: Mapping[str, str]) -> None:
        self._app, self._keymap = app, keymap
        self._trees: dict[str, list[Explored]] = {}
        """What was explored of each draft, by the name that the engine knows it by."""
        self._sampling: Sampling | None = None
        self._surprises = Surprises()
        """Of the draft as it was last looked at."""
        self._surprised: LoadedModel | None = None
        """The model that was asked about them, as it was loaded: another version of it may have the same name."""

    @property
    def _editor(self) -> Editor:
        return self._app.writing.editor

    def open(self, what: str) -> None:
        """Open a screen: "explorer", "surprise" or "models"."""
        shown = self._app.screen
        if isinstance(shown, LookingScreen):
            if what == shown.NAME:
                shown.action_leave()
            return
        if self._app.engine is None or isinstance(shown, ModalScreen):
            return
        work = {"explorer": self._explore, "surprise": self._surprise, "models": self._compare}[what]
        self._after_earlier_keys(self._editor, partial(self._begin, work, self._app.engine))

    def _after_earlier_keys(self, node: DOMNode, then: Callable[[], None]) -> None:
        """Go the way of a key from `node` up to the app, where it does its work: this one was heard before that."""
        parent = node.parent
        if parent is None:
            then()
        else:
            node.call_later(self._after_earlier_keys, parent, then)

    def _begin(self, work: Callable[[Engine], Awaitable[None]], engine: Engine) -> None:
        if not isinstance(self._app.screen, ModalScreen):
            self._app.run_worker(work(engine), group="looking", description="exploring")

    def engine_changed(self) -> None:
        """Tell the screen that is open, a dialog of its own above it or not."""
        for screen in self._app.screen_stack:
            if isinstance(screen, LookingScreen):
                screen.engine_changed()

    def commands(self, screen: Screen[Any]) -> Iterable[SystemCommand] | None:
        """What the palette offers on such a screen; None on another."""
        return screen.palette() if isinstance(screen, LookingScreen) else None

    # The explorer

    async def _explore(self, engine: Engine) -> None:
        app, editor = self._app, self._editor
        editor.clear_ghost()
        trees = self._trees_here()
        from tui.screens.explorer import Explorer  # by itself it takes 20 ms of the start

        screen = Explorer(
            engine,
            app.writing.ghosting.draft,
            editor.document.lines,
            editor.cursor_location,
            trees,
            sampling=self._sampling or Sampling(app.settings.temperature),
            hints=hints_of("Explorer", self._keymap),
            help=help_of("Explorer", self._keymap),
        )
        adopted = await app.push_screen_wait(screen)
        self._sampling = screen.sampling
        await self._keep(trees)
        if adopted is not None:
            editor.bring_in(adopted.text, adopted.start, adopted.end)
        else:
            app.writing.ghosting.refresh()
        editor.focus()

    def _trees_here(self) -> list[Explored]:
        """What was explored of the draft in the editor; of a file also what was before."""
        draft, file = self._app.writing.ghosting.draft, self._app.writing.keeper.path
        if draft not in self._trees:
            self._trees[draft] = explored.load(file) if file else []
        return self._trees[draft]

    # Surprise

    async def _surprise(self, engine: Engine) -> None:
        app, editor = self._app, self._editor
        editor.clear_ghost()
        home = editor.cursor_location

        def replace(text: str, start: Position, end: Position) -> None:
            nonlocal home
            editor.bring_in(text, start, end)
            if home[0] == start[0] and home[1] > start[1]:  # behind a word of its line, or in it
                behind = max(0, home[1] - end[1])
                home = home[0], start[1] + len(text) + behind

        if engine.loaded is not self._surprised:
            self._surprises.forget()
            self._surprised = engine.loaded
        screen = SurpriseScreen(
            engine,
            app.writing.ghosting.draft,
            editor.document.plain_text,
            home,
            self._surprises,
            replace=replace,
            prose_width=editor.prose_width,
            hints=hints_of("Surprise", self._keymap),
            help=help_of("Surprise", self._keymap),
        )
        place = await app.push_screen_wait(screen) or home
        if place == editor.cursor_location:
            app.writing.ghosting.refresh()
        editor.move_cursor(place, center=True)
        editor.focus()

    # Two models

    async def _compare(self, engine: Engine) -> None:
        app, editor = self._app, self._editor
        in_use = engine.loaded["name"] if engine.loaded else app.settings.model
        others = await asyncio.to_thread(other_models, in_use)
        if not others:
            app.notify("There is no other model on this machine: train one (F2, Train) to compare with.")
            return
        editor.clear_ghost()
        screen = ModelsCompared(
            engine,
            app.make_engine,
            editor.document.plain_text,
            app.writing.ghosting.draft,
            editor.cursor_location,
            others,
            sampling=self._sampling or Sampling(app.settings.temperature),
            hints=hints_of("Two models", self._keymap),
            help=help_of("Two models", self._keymap),
        )
        chosen = await app.push_screen_wait(screen)
        if chosen is not None:
            app.use_model(chosen)
        else:
            app.writing.ghosting.refresh()
        editor.focus()

    async def _keep(self, trees: list[Explored]) -> None:
        if file := self._app.writing.keeper.path:
            try:
                await asyncio.to_thread(explored.save, file, trees)
            except UserError as error:
                self._app.notify(str(error), severity="warning", markup=False)


def hints_of(screen: str, keymap: Mapping[str, str]) -> list[KeyHint]:
    """What the key line of a screen shows."""
    shown = [
        KeyHint(_written(keys_of(item.id or "", keymap)[0]), item.description, item.action)
        for item in dict(SCREENS)[screen]
    ]
    leave = next(at for at, hint in enumerate(shown) if hint.action == "leave")
    return [*shown[: leave + 1], KeyHint("F1", "help", "help"), *shown[leave + 1 :]]


def help_of(screen: str, keymap: Mapping[str, str]) -> Help:
    """What the help shows there: its own keys."""
    rows = [
        ("  ".join(_written(key) for key in keys_of(item.id or "", keymap)), item.tooltip)
        for item in dict(SCREENS)[screen]
    ]
    return [(screen, [*MOVES[screen], *rows])]


def _written(key: str) -> str:
    """A key as it is written: here a letter is the letter, because no Ctrl comes before it."""
    return key if len(key) == 1 else written(key)
