"""Pictures of the main screens, compared with those that were looked at when they were kept.

After a change that is meant, `pytest tests/tui/test_pictures.py --snapshot-update` keeps new ones; look at each.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.app import App
from textual.pilot import Pilot

import tui.flows.ghosting
from core.library.library import Library
from core.statistics.counting import Counts
from tests.tui.fakes import Engines, FakeEngine
from tests.tui.looking import Desk
from tui.app import ForetypeApp
from tui.widgets.models_view import ModelList
from tui.widgets.probabilities import Probabilities
from tui.widgets.stats_view import StatsView

LETTER = """# To Anna

Thank you for the photographs. They came this morning, and I have looked at them more often than I should admit. \
I had almost forgotten how the _light_ falls on the harbour in the evening.

We are all well here. The garden is full of aples, and the children ask when you will come. I had forgot"""
ODD = {"aples": 25.0, "photographs": 16.0, "often": 12.0}
BEGUN = [
    ("forgotten", "ten", 0.61),
    ("forgot", "", 0.22),
    ("forgotten,", "ten,", 0.04),
    ("forgot.", ".", 0.001),
]
NEXT = [("apples", "apples", 0.4), ("roses", "roses", 0.2), ("weeds", "weeds", 0.1), ("bees", "bees", 0.02)]
LARGE, MIDDLE, SMALL = (120, 36), (80, 24), (40, 10)
TODAY = date(2026, 11, 25)

Pose = Callable[[Desk], Awaitable[None]]
Picture = Callable[..., bool]


class Saying(Engines):
    """Engines that say what comes next, and find some words odd."""

    def __init__(self, words: list[tuple[str, str, float]]) -> None:
        super().__init__()
        self.words = words

    def __call__(self, **arguments: object) -> FakeEngine:
        engine = super().__call__(**arguments)
        engine.words, engine.odd = self.words, ODD
        return engine


@pytest.fixture
def picture(snap_compare: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Picture:
    """Opens the letter at a size, lets a pose bring something on the screen, and compares what it looks like."""
    folder = tmp_path / "writing"
    letter = folder / "letters" / "anna.md"
    letter.parent.mkdir(parents=True)
    letter.write_text(LETTER, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(tui.flows.ghosting, "time", SimpleNamespace(perf_counter=lambda: 0.0))
    monkeypatch.setattr(StatsView, "_ask", lambda _: None)  # for the figures of today
    export = App.export_screenshot

    def without_fonts(app: App[None], **options: bool) -> str:
        """A picture whose viewer has to fetch nothing."""
        return re.sub(r"@font-face \{.*?\}\s*", "", export(app, **options), flags=re.DOTALL)

    monkeypatch.setattr(App, "export_screenshot", without_fonts)

    def compare(
        pose: Pose,
        size: tuple[int, int] = LARGE,
        *,
        words: list[tuple[str, str, float]] = BEGUN,
        tour: bool = False,
    ) -> bool:
        engines = Saying(words)
        app = ForetypeApp(letter, make_engine=engines, tour=tour)
        app.animation_level = "none"

        async def sit_down(pilot: Pilot[None]) -> None:
            while (
                app.engine is None
                or app.engine.state != "ready"
                or "Anna" not in app.writing.editor.document.text
            ):
                await pilot.pause()
            app.writing.editor.move_cursor(app.writing.editor.document.end)
            desk = Desk(app, pilot, engines.engine)
            await pose(desk)
            await desk.quiet()

        return snap_compare(app, terminal_size=size, run_before=sit_down)

    return compare


async def write(at: Desk) -> None:
    at.app.writing.ghosting.refresh()
    while not at.editor.shown_ghost:
        await at.pilot.pause()


async def suggest(at: Desk) -> None:
    await at.press("f2", "ctrl+pagedown", "ctrl+pageup", "escape")
    while not at.app.screen.query_one(Probabilities).words:
        await at.pilot.pause()
    await write(at)
    samples = at.app.writing.panel.suggest.query_one("#suggest-samples")
    while "a0" not in str(samples.render()):
        await at.pilot.pause()


async def train(at: Desk) -> None:
    at.app.action_tab("train")
    await at.quiet()


async def models(at: Desk) -> None:
    held_out = {"bits_per_character": 1.71, "keys_saved": 0.312, "keys_saved_before": 0.25, "typed": 3000}
    held_out["keys_difference"] = [0.04, 0.08]
    sources = [
        {"path": f"/letters/{year}.md", "characters": 81234, "sha256": "", "modified": ""}
        for year in (2024, 2025)
    ]
    library = Library()
    for created in ("2026-10-02T00", "2026-11-02T00"):
        folder = library.next_version("mine")
        folder.mkdir()
        card = {"format": 1, "name": "mine", "parent": "base", "held_out": held_out, "trained_on": sources}
        for name in ("tokenizer.json", "model.safetensors"):
            (folder / name).write_text("{}")
        (folder / "model.json").write_text(json.dumps(card | {"created": created, "paths": ["/letters"]}))
        library.make_current("mine", int(folder.name))
    at.app.action_tab("models")
    await at.quiet()
    at.app.models.shelving.refresh()
    view = at.app.writing.panel.models
    view.show(
        [model for model in view._shown if model.entry.name == "mine"], "mine"
    )  # the base model's will change
    at.app.screen.query_one(ModelList).focus()


async def stats(at: Desk) -> None:
    def counts(saved: int) -> Counts:
        return Counts(900, 40, saved, 0, 90, 40, 5, Counter({8: 80, 14: 10}))

    at.app.action_tab("stats")
    days = {TODAY: {"mine": counts(300), "base": counts(120)}, TODAY - timedelta(3): {"mine": counts(700)}}
    at.app.writing.panel.stats.show({day.isoformat(): models for day, models in days.items()}, TODAY)


async def explore(at: Desk) -> None:
    await at.press("f3", "down", "b", "left", "left", "m")


async def be_surprised(at: Desk) -> None:
    at.editor.move_cursor((0, 0))
    await at.press("f4", "n", "n", "n", "x")


async def ask_for_help(at: Desk) -> None:
    await at.press("f1")


async def begin_the_tour(at: Desk) -> None:
    await at.press("f6")
    await write(at)


@pytest.mark.parametrize("size", [LARGE, SMALL], ids=["120x36", "40x10"])
def test_writing(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(write, size)


@pytest.mark.parametrize("tab", [suggest, train, models, stats], ids=lambda tab: tab.__name__)
def test_the_panels_tabs(picture: Picture, tab: Pose) -> None:
    assert picture(tab)


@pytest.mark.parametrize("size", [LARGE, MIDDLE], ids=["120x36", "80x24"])
def test_explorer(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(explore, size, words=NEXT)


@pytest.mark.parametrize("size", [LARGE, MIDDLE], ids=["120x36", "80x24"])
def test_surprise(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(be_surprised, size, words=NEXT)


def test_help(picture: Picture) -> None:
    assert picture(ask_for_help, MIDDLE)


def test_the_tour(picture: Picture) -> None:
    assert picture(begin_the_tour, MIDDLE, tour=True)
