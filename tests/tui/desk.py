"""An app under Pilot with an engine that answers at once: what tests of the ghost sit down at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.fakes import Engines
from tui.app import ForetypeApp
from tui.widgets.editor import Editor

START = "I had almost"


class Desk:
    """An app under Pilot with its editor and its engine."""

    def __init__(self, app: ForetypeApp, pilot: Pilot[None], engines: Engines) -> None:
        self.app, self.pilot, self.engine = app, pilot, engines.engine

    @property
    def editor(self) -> Editor:
        return self.app.writing.editor

    @property
    def text(self) -> str:
        return self.editor.document.text

    async def type(self, text: str) -> None:
        names = {" ": "space", "\n": "enter", ".": "full_stop", ",": "comma"}
        await self.press(*(names.get(character, character) for character in text))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def desk(
    engines: Engines | None = None, *, text: str = START, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[Desk]:
    engines = engines or Engines()
    app = ForetypeApp(make_engine=engines)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        while app.engine is None:
            await pilot.pause()
        app.writing.editor.insert(text)
        await pilot.pause()
        yield Desk(app, pilot, engines)
