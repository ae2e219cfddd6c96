"""Makes the pictures in docs/: `make pictures`, or `python docs/picture.py [NAME...]`; about a minute and a half.

The app itself runs, without a terminal, with the model that comes with it. It writes a letter as a person would who
takes each ghost that says what they mean, learns from this repository's own pages, and exports what it shows: every
figure in a picture was measured while it was made. Only the days of the statistics are moved, to have some.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.app import ForetypeApp

LETTER = """Dear Anna,

Thank you for the photographs. They came this morning, and I have looked at them more often than I should \
admit. I had almost forgotten how the light falls on the harbour in the evening, and how quiet it is when the \
boats have come in.

We are all well here. The garden is full of apples, and the children ask every day when you will come. I look for"""
TYPOS = LETTER.replace("light falls", "ligth falls").replace("apples", "aples")
NOTES = """# The reading room

Opens on **Monday**, if the shelves arrive. What is left:

- ask Karin for the *two* lamps from the attic
- `catalogue.csv` still has the old numbers
- a sign for the door

## Evenings

> A room is read in, or it is not a reading room.

We could begin with one evening a week. I am looking forw"""
FOLDER = Path(__file__).resolve().parent
WIDTH = 120


@dataclass
class Desk:
    """The app under Pilot, and what may be done at it."""

    app: ForetypeApp
    pilot: Pilot[None]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for something."""
        while not true():
            await self.pilot.pause(0.05)

    async def press(self, *keys: str) -> None:
        """Press keys, each when all that the one before asked for is there."""
        from tui.screens.explorer import Explorer

        for key in keys:
            await self.pilot.press(key)
            await self.until(lambda: not isinstance(self.app.screen, Explorer) or not self.app.screen.busy)
            await self.pilot.pause(0.1)

    async def settle(self) -> None:
        """Wait for the ghost, or for the word why there is none."""
        await self.pilot.pause()
        await self.until(lambda: not self.app.writing.ghosting._tasks)

    async def write(self, text: str) -> None:
        """Type a text at the end, taking each ghost that says what is meant and saves a key."""
        editor = self.app.writing.editor
        while text:
            await self.settle()
            ghost = editor.shown_ghost
            if len(ghost) > 1 and text.startswith(ghost):
                await self.pilot.press("tab")
                text = text[len(ghost) :]
            else:
                await self.pilot.press({"\n": "enter", " ": "space"}.get(text[0], text[0]))
                text = text[1:]
        await self.settle()

    async def show(self, text: str) -> None:
        """Have another text in the draft, and the cursor at its end."""
        editor = self.app.writing.editor
        editor.become(text[:-1])
        editor.move_cursor(editor.document.end)
        await self.pilot.press(text[-1])
        await self.settle()

    async def take(self, name: str, height: int, *, width: int = WIDTH) -> None:
        """Make the picture `name` of what is shown when the terminal is so high."""
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause(0.3)
        picture = small(self.app.export_screenshot(title="Foretype"))
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")
        print(f"docs/{name}.svg, {len(picture) / 1000:.0f} KB")

    async def home(self) -> None:
        """Go back to the draft, the panel closed."""
        while self.app.screen is not self.app.writing:
            await self.press("escape")
        self.app.writing.show_panel(False)
        await self.pilot.pause()


def small(picture: str) -> str:
    """A picture without fonts that its viewer would have to fetch, and with short names for its parts."""
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    return re.sub(r"\bterminal-\d+-", "", picture)


async def foretype(at: Desk) -> None:
    """A ghost, and the side panel with the next words."""
    from tui.widgets.probabilities import Probabilities

    await at.press("f2", "escape")
    bars = at.app.screen.query_one(Probabilities)
    await at.until(lambda: bars.words)
    await at.show(LETTER)
    await at.until(lambda: at.app.writing.editor.shown_ghost)
    await at.pilot.pause(1)  # the samples follow when the text has been still
    await at.take("foretype", 36)


async def alternatives(at: Desk) -> None:
    """The list of ways to go on."""
    await at.show(LETTER.removesuffix(" for") + " ")
    await at.press("ctrl+l")
    await at.until(lambda: at.app.writing.alternatives.display)
    await at.take("alternatives", 24)
    await at.press("escape")


async def explorer(at: Desk) -> None:
    """Branches, some of them branched again, one of them bookmarked."""
    await at.show(LETTER.removesuffix("for"))
    await at.press(
        "f3", "down", "b", "left", "left", "left", "2", "right", "left", "3", "home", "down", "down"
    )
    await at.press("left", "left", "m")
    await at.pilot.pause(0.5)
    await at.take("explorer", 30)


async def surprise(at: Desk) -> None:
    """A typo, and what was expected in its place."""
    from tui.screens.surprise import SurpriseScreen

    await at.show(TYPOS)
    await at.press("f4")
    screen = at.app.screen
    assert isinstance(screen, SurpriseScreen)
    await at.until(lambda: screen.surprises.share == 1)
    screen.text.move_cursor((2, 0))
    while "ligth" not in screen.word:
        await at.press("n")
    await at.press("x")
    await at.until(lambda: screen.bars.words)
    await at.take("surprise", 30)


async def train(at: Desk) -> None:
    """A training that has ended: both losses, samples, what it brought on text held out."""
    from core.jobs import TrainingJob

    await at.show(LETTER)
    at.app.action_tab("train")
    finished = await at.app.run_training(TrainingJob(("pages",), "mine", minutes=0.4))
    assert finished is not None
    at.app.clear_notifications()
    at.app.writing.editor.focus()
    await at.take("train", 46)


async def models(at: Desk) -> None:
    """The models on this machine, and what the one that was trained is worth."""
    from tui.widgets.models_view import ModelList

    await at.show(LETTER)
    at.app.action_tab("models")
    models = at.app.screen.query_one(ModelList)
    await at.until(lambda: models.option_count > 1)
    models.focus()
    models.highlighted = models.option_count - 1
    await at.take("models", 30)


async def compare(at: Desk) -> None:
    """Both models at one place."""
    from tui.screens.models_compared import ModelsCompared
    from tui.widgets.word_bars import WordBars

    await at.show("The app paints. If one of the other processes dies, your text is not ")
    await at.press("f5")
    screen = at.app.screen
    assert isinstance(screen, ModelsCompared)
    await at.until(lambda: all(bars.words for bars in screen.query(WordBars)))
    await at.pilot.pause(0.5)
    await at.take("compare", 24)


async def stats(at: Desk) -> None:
    """What the ghosts saved while the letter was written."""
    await at.show(LETTER)
    at.app.action_tab("stats")
    await at.pilot.pause(1)
    at.app.writing.editor.focus()
    await at.take("stats", 36)


async def help_(at: Desk) -> None:
    """The keys."""
    await at.show(LETTER)
    await at.press("f1")
    await at.take("help", 36)


async def light(at: Desk) -> None:
    """Markdown in the light theme."""
    at.app.theme = "foretype-light"
    await at.show(NOTES)
    await at.take("light", 24)
    at.app.theme = "foretype-dark"


async def tour(at: Desk) -> None:
    """Its second step."""
    await at.show("I am looking for")
    at.app.touring.begin()
    await at.pilot.press("w")
    await at.settle()
    at.app.touring.look()
    await at.take("tour", 16, width=100)
    at.app.touring.end()


POSES: dict[str, Callable[[Desk], Awaitable[None]]] = {
    "foretype": foretype, "alternatives": alternatives, "explorer": explorer, "surprise": surprise, "train": train,
    "models": models, "compare": compare, "stats": stats, "help": help_, "light": light, "tour": tour,
}  # fmt: skip
LEAN_ON = {"models": "train", "compare": "train"}
"""Pictures that show what another one made."""


async def write_letter(at: Desk) -> None:
    """Write the letter, each sentence on a day of its own as far as the statistics know."""
    sentences = re.split(r"(?<=[.,] )|(?<=\n\n)", LETTER)
    for number, sentence in enumerate(sentences, 1):
        await at.write(sentence)
        if number < len(sentences) - 2:
            await at.app.writing.statistics.keep()
            a_day_passes()


def a_day_passes() -> None:
    """Have what was counted been counted a day before."""
    from core.statistics.store import add_statistics, forget_statistics, load_statistics

    days = load_statistics()
    forget_statistics()
    for day, models in days.items():
        before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        add_statistics({(before, model): counts for model, counts in models.items()})


@asynccontextmanager
async def desk() -> AsyncGenerator[Desk]:
    """The app with an empty letter."""
    from tui.app import ForetypeApp

    app = ForetypeApp(Path("letters/anna.md"))
    async with app.run_test(size=(WIDTH, 36)) as pilot:
        at = Desk(app, pilot)
        await at.until(lambda: app.engine is not None and app.engine.loaded is not None)
        yield at


async def make(names: list[str]) -> None:
    """Make the pictures of these names."""
    wanted = {*names, *(LEAN_ON[name] for name in names if name in LEAN_ON)}
    async with desk() as at:
        await write_letter(at)
        for name, pose in POSES.items():
            if name in wanted:
                await pose(at)
                await at.home()


def main() -> None:
    """Make all pictures, or those that are named, in a home of their own."""
    names = sys.argv[1:] or list(POSES)
    if unknown := [name for name in names if name not in POSES]:
        sys.exit(f"there is no picture {unknown[0]}: there are {', '.join(POSES)}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FORETYPE_HOME": str(Path(folder, "home")), "HOME": folder}
        os.chdir(folder)
        Path("letters").mkdir()
        Path("pages").mkdir()
        for page in (*FOLDER.glob("*.md"), *FOLDER.parent.glob("*.md")):
            shutil.copy(page, "pages")
        asyncio.run(make(names))
        os.chdir(FOLDER)


if __name__ == "__main__":
    main()
