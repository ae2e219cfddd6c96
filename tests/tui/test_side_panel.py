"""The side panel: its tabs from the keyboard, the seam to the app, and sizes from 120 x 36 down to 40 x 10."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import TextArea

from core import events
from core.settings import Settings
from tui.widgets.form import Choice
from tui.widgets.side_panel import SidePanel


@dataclass(frozen=True)
class Bare:
    model: str = "base"
    temperature: float = 0.0
    eagerness: float = 0.25
    words: int = 6


class PanelApp(App[None]):
    CSS = "TextArea { width: 1fr; }"

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield TextArea()
            yield SidePanel(Bare(), root=self.root)

    @property
    def panel(self) -> SidePanel:
        return self.query_one(SidePanel)


def test_the_settings_of_the_app_are_what_the_panel_takes(tmp_path: Path) -> None:
    settings = Settings()
    assert (settings.model, settings.temperature, settings.words) == ("base", 0.0, 6)


async def test_tabs_are_changed_and_entered_from_the_keyboard(tmp_path: Path) -> None:
    app = PanelApp(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        app.panel.focus_controls()
        await pilot.pause()
        assert app.focused is app.query_one("#suggest-model")
        await pilot.press("ctrl+pagedown")
        await pilot.pause()
        await pilot.pause()
        assert app.panel.tabs.active == "tab-train"
        assert app.focused is app.query_one("#source-tree")
        await pilot.press("ctrl+pageup")
        await pilot.pause()
        await pilot.pause()
        assert app.panel.tabs.active == "tab-suggest"
        await pilot.press("down")
        app.panel.show_tab("train")
        await pilot.pause()
        await pilot.pause()
        assert app.panel.tabs.active == "tab-train"
        assert app.focused is app.query_one("#source-tree")
        app.query_one(TextArea).focus()
        await pilot.pause()
        app.panel.show_tab("suggest")
        await pilot.pause()
        assert app.focused is app.query_one(TextArea)


async def test_models_that_are_offered_to_write_with_are_offered_to_start_from(tmp_path: Path) -> None:
    app = PanelApp(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        app.panel.suggest.set_models(["base", "mine", "[/b]"])
        await pilot.pause()
        parent = app.query_one("#training-parent", Choice)
        assert [value for _, value in parent._options] == ["base", "mine", "[/b]", ""]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_every_control_comes_into_view_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app = PanelApp(tmp_path)
    async with app.run_test(size=size) as pilot:
        panel = app.panel
        assert 32 <= panel.size.width + 1 <= 44
        for tab in ("suggest", "train"):
            panel.show_tab(tab)
            await pilot.pause()
            panel.focus_controls()
            await pilot.pause()
            view = panel.suggest if tab == "suggest" else panel.training
            for control in view.controls():
                control.focus()
                await pilot.pause()
                await pilot.pause()
                assert app.focused is control
                visible = control.region.intersection(view.region)
                assert visible.height >= min(control.region.height, view.region.height) - 2, control
                assert control.region.right <= app.size.width


async def test_events_may_come_while_another_tab_shows(tmp_path: Path) -> None:
    app = PanelApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(TextArea).focus()
        app.panel.training.show_event(events.Reading(1, 10))
        app.panel.training.show_event(events.Step(1, 0.1, 2.0, 0.7, 0.1, 10.0, 5.0))
        await pilot.pause()
        assert app.panel.training.running
        assert app.focused is app.query_one(TextArea)
        app.panel.suggest.show_words([("a", 0.5)])
        await pilot.press("h", "i")
        assert app.query_one(TextArea).text == "hi"
