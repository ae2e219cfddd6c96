"""Each action of the writing screen is in help, in the palette, and on a key that a person can choose."""

from __future__ import annotations

from pathlib import Path

from textual.screen import ModalScreen

from tests.tui.looking import Desk
from tests.tui.seat import Seat, seat
from tui import keymap
from tui.keymap import APP_BINDINGS, WRITING_BINDINGS
from tui.widgets.editor import Editor

EDITOR_KEYS = [binding for _, binding in Editor._merged_bindings or [] if binding.id]
IN_PALETTE = {
    "save": "Save", "open": "Open", "quit": "Quit", "help": "Help", "panel": "Side panel", "explore": "Explore",
    "surprise": "Surprise", "compare-models": "Compare models", "find": "Find", "replace": "Find and replace",
    "headings": "Go to heading", "drafts": "Drafts", "next-draft": "Next draft", "previous-draft": "Draft before",
    "new-draft": "New draft", "close-draft": "Close draft", "versions": "Earlier versions",
    "focus-mode": "Focus mode", "typewriter": "Typewriter scrolling", "accept": "Take the ghost",
    "accept-right": "Take the ghost", "accept-word": "Take a word", "accept-word-alt": "Take a word",
    "accept-sentence": "Take a sentence", "next-alternative": "Next alternative",
    "previous-alternative": "Previous alternative", "alternatives": "List alternatives",
    "dismiss": "Dismiss the ghost", "ask": "Ask for a ghost",
}  # fmt: skip
"""The command of each action."""


def names() -> list[str]:
    found = [binding.id for binding in (*APP_BINDINGS, *WRITING_BINDINGS, *EDITOR_KEYS) if binding.id]
    return [
        name for name in dict.fromkeys(found) if not name.startswith("tour")
    ]  # the tour tells its own keys


async def back(at: Seat) -> None:
    """Leave whatever was opened."""
    await at.pilot.pause()
    while at.app.screen is not at.app.writing:
        await at.press("escape")
    at.app.writing.editor.focus()
    await at.pilot.pause()


async def test_each_has_a_command() -> None:
    assert set(names()) <= set(IN_PALETTE)
    async with seat() as at:
        await at.press(*"forgot")
        titles = {command.title for command in at.app.get_system_commands(at.app.screen)}
        assert {IN_PALETTE[name] for name in names()} <= titles


def test_each_is_in_help() -> None:
    told = {name for _, rows in keymap._HELP for ids, _ in rows for name in ids}
    assert set(names()) <= told


def test_each_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for name in names():
        assert f"| `{name}` | `{keymap.bindings_by_id()[name].key}` |" in text


async def test_each_can_have_another_key() -> None:
    async with seat() as at:
        for name in names():
            at.app._keys.clear()
            at.app._keys[name] = "f20"
            at.app.take_keys()
            await at.pilot.pause()
            everywhere = [at.app.screen._modal_binding_chain, at.app.screen._binding_chain]
            bound = [
                binding.action
                for chain in everywhere
                for _, bindings in chain
                for binding in bindings.key_to_bindings.get("f20", [])
            ]
            assert keymap.bindings_by_id()[name].action in bound, name
            assert keymap.keys_of(name, at.app._keys) == ["f20"]


async def test_each_command_does_something_that_can_be_left_on_the_smallest_screen(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\ntext")
    async with seat(tmp_path / "a.md", size=(40, 10)) as at:
        for command in list(at.app.get_system_commands(at.app.screen)):
            if command.title == "Quit" or "Write with" in command.title:
                continue
            result = command.callback()
            if result is not None:
                await result
            await at.pilot.pause()
            line = " ".join(Desk(at.app, at.pilot, at.engines.engine).painted()[:2])
            assert line.strip(), command.title
            await back(at)
            assert not isinstance(at.app.screen, ModalScreen)
        await at.press("x")
        assert "x" in at.text
