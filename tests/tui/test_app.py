"""The app around the ghost: settings, models, the panel; help, the palette; small and colourless terminals."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import paths
from core.settings import load_settings
from tests.tui.fakes import Engines
from tests.tui.seat import seat
from tui.screens.dialogs import HelpScreen
from tui.widgets.probabilities import Probabilities
from tui.widgets.suggest_view import SuggestView

# Settings, models, the panel


async def test_what_is_changed_in_the_panel_is_kept() -> None:
    async with seat() as at:
        at.app.post_message(SuggestView.Changed(0.7, 0.1, 4))
        await at.pilot.pause()
    settings = load_settings().settings
    assert (settings.temperature, settings.eagerness, settings.words) == (0.7, 0.1, 4)


async def test_wrong_settings_are_told_and_do_no_harm() -> None:
    paths.settings_file().write_text('words = 99\ntheme = "[none]"\n[keys]\nfly = "f"\n')
    async with seat() as at:
        said = "\n".join(at.notices)
        assert "settings.toml, line 1: words must be a whole number from 1 to 12" in said
        assert "fly is not an action" in said
        assert "there is no theme [none]" in said
        await at.press("a")
        assert at.text == "a"


async def test_keys_can_be_remapped() -> None:
    paths.settings_file().write_text('[keys]\naccept = "ctrl+l"\npanel = "f9"\n')
    async with seat() as at:
        await at.press(*"forgot")
        await at.press("ctrl+l")
        assert at.text == "forgotten how the light falls"
        assert at.app.writing.keys.hints[0].key == "^L"
        await at.press("f9")
        assert at.app.writing.panel_open


async def test_the_panel_shows_the_next_words_as_temperature_moves() -> None:
    async with seat() as at:
        await at.press("f2")
        await at.until(lambda: any("distribution" in item for item in at.engines.engine.asked))
        at.app.post_message(SuggestView.Changed(1.3, 0.1, 4))
        await at.until(
            lambda: (
                [item for item in at.engines.engine.asked if "distribution" in item][-1]["temperature"] == 1.3
            )
        )
        await at.press("escape")
        assert at.app.writing.editor.has_focus
        await at.press("f2", "f2")
        assert not at.app.writing.panel_open


async def test_another_model_is_loaded_and_kept() -> None:
    async with seat() as at:
        at.app.post_message(SuggestView.ModelChosen("mine"))
        await at.until(lambda: at.app.writing.status.status.model == "mine")
    assert load_settings().settings.model == "mine"


async def test_a_model_that_cannot_be_loaded_is_told_and_the_old_one_stays() -> None:
    async with seat() as at:
        at.app.post_message(SuggestView.ModelChosen("broken"))
        await at.until(lambda: at.notices)
        assert at.notices == ["broken is not a model: choose another"]
        assert at.app.settings.model == "base"
        assert at.app.writing.panel.suggest.model == "base"


async def test_an_engine_that_died_is_told_in_one_line_and_its_return_brings_ghosts_back() -> None:
    async with seat() as at:
        engine = at.engines.engine
        engine.tell("gone", "the engine ended (signal 9): starting it again")
        await at.pilot.pause()
        assert at.notices == ["the engine ended (signal 9): starting it again"]
        await at.press(*"forgot")
        assert at.text == "forgot"
        assert not at.app.writing.editor.ghost
        await engine.load("base")
        await at.until(lambda: at.app.writing.editor.ghost)


async def test_next_words_are_asked_for_when_their_tab_comes_back() -> None:
    async with seat() as at:
        at.app.action_tab("train")
        await at.until(lambda: at.app.writing.panel.has_focus_within)
        at.app.writing.editor.focus()
        await at.press(*"forgot")
        asked = at.engines.engine.asked
        assert not any("distribution" in item for item in asked)
        at.app.action_tab("suggest")
        await at.until(lambda: any(item.get("distribution") == (0, 6) for item in asked))


async def test_the_panel_says_why_there_are_no_next_words() -> None:
    async with seat(engines=Engines(ready_at_once=False)) as at:
        await at.press("f2")
        shown = at.app.screen.query_one(Probabilities)
        engine = at.engines.engine
        engine.tell("loading", "")
        assert shown.why == "The model is loading."
        engine.tell("failed", "there is no model called mine")
        assert shown.why == "No model could be loaded: choose another one above."
        await engine.load("base")
        await at.until(lambda: shown.words)
        engine.loaded = None
        engine.tell("gone", "the engine ended (signal 9): starting it again")
        assert shown.why == "The engine ended and is being started again."
        assert not shown.words


# Everywhere


async def test_the_palette_leads_to_each_control_of_what_is_suggested() -> None:
    async with seat() as at:
        commands = {command.title: command for command in at.app.get_system_commands(at.app.screen)}
        for title, name in (
            ("Temperature", "temperature"),
            ("Eagerness", "eagerness"),
            ("Words ahead", "words"),
        ):
            commands[title].callback()
            await at.until(lambda name=name: at.app.focused and at.app.focused.id == f"suggest-{name}")


async def test_every_command_of_the_palette_has_a_name_and_help() -> None:
    async with seat() as at:
        commands = list(at.app.get_system_commands(at.app.screen))
        assert len({command.title for command in commands}) == len(commands)
        assert {"Save", "Open", "Quit", "Side panel", "Train a model", "Theme"} <= {
            item.title for item in commands
        }
        await at.press("ctrl+p")
        await at.press("escape")


async def test_help_shows_the_keys_and_closes() -> None:
    async with seat() as at:
        await at.press("f1")
        assert isinstance(at.app.screen, HelpScreen)
        await at.press("escape")
        assert at.app.writing.editor.has_focus


async def test_where_the_panel_hides_the_draft_nobody_writes_into_it_unseen() -> None:
    async with seat() as at:
        writing = at.app.writing
        await at.press("f2", "escape", "a")
        assert writing.panel_open and writing.editor.has_focus
        await at.pilot.resize_terminal(60, 20)
        await at.until(lambda: not writing.panel_open)
        await at.press("b")
        assert at.text == "ab" and writing.editor.size.width > 40
        await at.press("f2")
        assert writing.panel.has_focus_within and not writing.editor.size.width
        await at.press("escape", "c")
        assert at.text == "abc" and writing.editor.size.width > 40


async def test_forty_by_ten_is_enough_and_less_says_so(tmp_path: Path) -> None:
    async with seat(tmp_path / "a.md", size=(40, 10)) as at:
        assert not at.app.writing.status.note
        await at.press(*"forgot", "tab")
        assert at.text.startswith("forgotten how")
        assert at.app.writing.editor.size.height >= 6
        await at.press("f2")
        assert at.app.writing.panel.size.width >= 38
        await at.press("f2")
        await at.press("f1", "escape")
        await at.press("ctrl+o")
        assert at.app.screen.query_one("#ok").region.bottom <= 10
        await at.press("escape")
        await at.pilot.resize_terminal(30, 8)
        await at.pilot.pause()
        status = at.app.writing.status
        for width in (39, 30, 22):
            await at.pilot.resize_terminal(width, 8)
            await at.pilot.pause()
            assert "make it 40 × 10" in status.note
            assert len(status.note) <= status.content_size.width
        await at.press("x")
        assert at.text.endswith("x")


async def test_without_colour_a_ghost_is_told_by_its_slant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with seat() as at:
        await at.press(*"forgot")
        editor = at.app.writing.editor
        strip = editor.render_line(0)
        slanted = "".join(segment.text for segment in strip if segment.style and segment.style.italic)
        assert slanted == "en how the light falls"  # the cursor is on its first letter
