"""A desk with a draft on it, for the tests of the screens on which one explores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.fakes import Engines, FakeEngine
from tui.app import ForetypeApp
from tui.screens.looking import LookingScreen
from tui.widgets.editor import Editor


class Desk:
    """An app under Pilot; `screen` is the screen on which one explores."""

    def __init__(self, app: ForetypeApp, pilot: Pilot[None], engine: FakeEngine) -> None:
        self.app, self.pilot, self.engine = app, pilot, engine

    @property
    def editor(self) -> Editor:
        return self.app.writing.editor

    @property
    def text(self) -> str:
        return self.editor.document.text

    @property
    def screen(self) -> Any:
        return self.app.screen

    @property
    def exploring(self) -> bool:
        return isinstance(self.app.screen, LookingScreen)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.quiet()

    async def quiet(self) -> None:
        """Let all that was asked be answered."""
        await self.pilot.pause()
        groups = ("branches", "reading", "model-left", "model-right")
        if under_way := [worker for worker in self.app.workers if worker.group in groups]:
            await self.app.workers.wait_for_complete(under_way)
        screen = self.app.screen
        for name in ("_bars_task", "_expecting"):
            task = getattr(screen, name, None)
            if task is not None and not task.done():
                await task
        await self.pilot.pause()

    def asked(self, what: str) -> list[dict[str, Any]]:
        return [item for item in self.engine.asked if what in item]

    def painted(self, widget: Widget | None = None) -> list[str]:
        """What the terminal shows, or of a widget, row by row."""
        strips = self.app.screen._compositor.render_strips()
        region = widget.region if widget is not None else self.app.screen.region
        rows = strips[region.y : region.bottom]
        return [
            "".join(segment.text for segment in row.crop(region.x, region.right)).rstrip() for row in rows
        ]


@asynccontextmanager
async def desk(
    text: str, *, file: Path | None = None, size: tuple[int, int] = (100, 24), engines: Engines | None = None
) -> AsyncIterator[Desk]:
    """The app with a draft and the cursor at its end; with `file`, the draft is that file."""
    engines = engines or Engines()
    if file is not None and not file.exists():
        file.write_text(text)
    app = ForetypeApp(file, make_engine=engines)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        while app.engine is None or app.engine.state != "ready":
            await pilot.pause()
        editor = app.writing.editor
        if file is None:
            editor.insert(text)
        editor.move_cursor(editor.document.end)
        await pilot.pause()
        engine = app.engine
        assert isinstance(engine, FakeEngine)
        yield Desk(app, pilot, engine)
