"""An app under Pilot with a fake engine: what tests of the whole app sit down at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Button

from tests.tui.fakes import Engines, FakeTrainer
from tui.app import ForetypeApp


class Seat:
    """An app under Pilot."""

    def __init__(self, app: ForetypeApp, pilot: Pilot[None], engines: Engines) -> None:
        self.app, self.pilot, self.engines = app, pilot, engines

    async def until(self, true: Callable[[], object]) -> None:
        while not true():
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def answer(self, name: str) -> None:
        await self.until(lambda: self.app.screen.query(f"Button#{name}"))
        self.app.screen.query_one(f"#{name}", Button).press()
        await self.pilot.pause()

    @property
    def text(self) -> str:
        return self.app.writing.editor.document.text

    @property
    def notices(self) -> list[str]:
        return [str(notice.message) for notice in self.app._notifications]


@asynccontextmanager
async def seat(
    file: Path | None = None,
    *,
    size: tuple[int, int] = (100, 30),
    engines: Engines | None = None,
    trainer: FakeTrainer | None = None,
) -> AsyncIterator[Seat]:
    engines = engines or Engines()
    app = ForetypeApp(file, make_engine=engines, make_trainer=lambda: trainer or FakeTrainer([]))
    async with app.run_test(size=size, notifications=True) as pilot:
        at = Seat(app, pilot, engines)
        await at.until(lambda: app.engine is not None)
        await pilot.pause()
        yield at
