"""Makes the pictures in docs/: the app with a letter and the model that comes with it.

foretype.svg has a ghost and the side panel, explorer.svg branches of what may follow, surprise.svg a letter with typos.

Run it from the repository's root: `python docs/picture.py`.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.app import ForetypeApp

LETTER = """Dear Anna,

Thank you for the photographs. They came this morning, and I have looked at them more often than I should \
admit. I had almost forgotten how the light falls on the harbour in the evening, and how quiet it is when the \
boats have come in.

We are all well here. The garden is full of apples, and the children ask every day when you will come. I look """
TYPOS = LETTER.replace("light falls", "ligth falls").replace("apples", "aples")
FOLDER = Path(__file__).resolve().parent


async def take_picture(
    name: str, letter: Path, pose: Callable[[ForetypeApp, Pilot[None]], Awaitable[None]], height: int = 36
) -> None:
    """Open the letter, let `pose` bring what is to be seen on the screen, and save what the terminal shows."""
    from tui.app import ForetypeApp

    app = ForetypeApp(letter)
    async with app.run_test(size=(120, height)) as pilot:
        while app.engine is None or app.engine.loaded is None:
            await pilot.pause(0.1)
        app.writing.editor.move_cursor(app.writing.editor.document.end)
        await pose(app, pilot)
        picture = app.export_screenshot(title="Foretype")
    # Viewers use their own fixed-width font rather than fetch one.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    (FOLDER / name).write_text(picture, encoding="utf-8")


async def write(app: ForetypeApp, pilot: Pilot[None]) -> None:
    """A ghost, and the side panel with the next words."""
    from tui.widgets.probabilities import Probabilities

    await pilot.press("f2")
    await pilot.pause()
    await pilot.press("escape")
    bars = app.screen.query_one(Probabilities)
    while not bars.words:
        await pilot.pause(0.1)
    await pilot.press(*"for")
    while not app.writing.editor.shown_ghost:
        await pilot.pause(0.1)
    await pilot.pause(1)  # the samples follow when the text has been still


async def explore(app: ForetypeApp, pilot: Pilot[None]) -> None:
    """Branches, some of them branched again, one of them bookmarked."""
    from tui.screens.explorer import Explorer

    async def press(*keys: str) -> None:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.1)
            while isinstance(app.screen, Explorer) and app.screen.busy:
                await pilot.pause(0.1)

    await press("f3", "down", "b", "left", "left", "left", "2", "right", "left", "3", "home", "down", "down")
    await press("left", "left", "m")
    await pilot.pause(0.5)


async def be_surprised(app: ForetypeApp, pilot: Pilot[None]) -> None:
    """A typo, and what was expected in its place."""
    from tui.screens.surprise import SurpriseScreen

    await pilot.press("f4")
    while not isinstance(app.screen, SurpriseScreen) or app.screen.surprises.share < 1:
        await pilot.pause(0.1)
    app.screen.text.move_cursor((2, 0))
    while "ligth" not in app.screen.word:
        await pilot.press("n")
    await pilot.press("x")
    while not app.screen.bars.words:
        await pilot.pause(0.1)


def main() -> None:
    """Write the letters into a folder of its own and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FORETYPE_HOME"] = folder
        os.chdir(folder)
        letter = Path("letters/anna.md")
        letter.parent.mkdir()
        letter.write_text(LETTER, encoding="utf-8")
        asyncio.run(take_picture("foretype.svg", letter, write))
        asyncio.run(take_picture("explorer.svg", letter, explore, 30))
        letter.write_text(TYPOS, encoding="utf-8")
        asyncio.run(take_picture("surprise.svg", letter, be_surprised, 30))
        os.chdir(FOLDER)


if __name__ == "__main__":
    main()
