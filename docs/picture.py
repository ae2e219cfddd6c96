"""Makes docs/foretype.svg: the app with a letter, a ghost from the model that comes with it, and the side panel.

Run it from the repository's root: `python docs/picture.py`.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

LETTER = """Dear Anna,

Thank you for the photographs. They came this morning, and I have looked at them more often than I should \
admit. I had almost forgotten how the light falls on the harbour in the evening, and how quiet it is when the \
boats have come in.

We are all well here. The garden is full of apples, and the children ask every day when you will come. I look """
PICTURE = Path(__file__).resolve().with_name("foretype.svg")


async def take_picture(letter: Path) -> None:
    """Open the letter, wait for the ghost and the next words, and save what the terminal shows."""
    from tui.app import ForetypeApp
    from tui.widgets.probabilities import Probabilities

    app = ForetypeApp(letter)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f2")
        await pilot.pause()
        await pilot.press("escape")
        editor = app.writing.editor
        editor.move_cursor(editor.document.end)
        bars = app.screen.query_one(Probabilities)
        while not bars.words:
            await pilot.pause(0.1)
        await pilot.press(*"for")
        while not editor.shown_ghost:
            await pilot.pause(0.1)
        picture = app.export_screenshot(title="Foretype")
    # Viewers use their own fixed-width font rather than fetch one.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL), encoding="utf-8")


def main() -> None:
    """Write the letter into a folder of its own and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FORETYPE_HOME"] = folder
        os.chdir(folder)
        letter = Path("letters/anna.md")
        letter.parent.mkdir()
        letter.write_text(LETTER, encoding="utf-8")
        asyncio.run(take_picture(letter))
        os.chdir(PICTURE.parent)


if __name__ == "__main__":
    main()
