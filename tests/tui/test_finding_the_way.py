"""Where the focus is, one finds which keys do what: help, key line, panel, tabs; and notices do not pile up."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.widgets import Static, Tabs

from tests.tui.seat import Seat, seat
from tui.keymap import bindings_by_id, help_sections
from tui.screens.dialogs import HelpScreen
from tui.widgets.file_picker import SourceTree


def titles(at: Seat) -> list[str]:
    """The titles of the help that shows."""
    assert isinstance(at.app.screen, HelpScreen)
    shown = "\n".join(str(part.content) for part in at.app.screen.query(Static))
    known = [title for title, _ in help_sections({})]
    return sorted((title for title in known if title in shown), key=shown.index)


async def in_train_tab(at: Seat) -> None:
    await at.press("f2", "ctrl+pagedown")
    await at.until(lambda: isinstance(at.app.focused, SourceTree))


async def test_help_begins_with_the_keys_of_where_one_is() -> None:
    async with seat() as at:
        await at.press("f1")
        assert titles(at)[0] == "The ghost"
        assert {"The side panel", "Tab Suggest", "Tab Train"} <= set(titles(at))
        await at.press("escape", "f2")
        await at.until(lambda: at.app.writing.panel.has_focus_within)
        await at.press("f1")
        assert titles(at)[:2] == ["Tab Suggest", "The side panel"]
        await at.press("escape", "ctrl+pagedown")
        await at.until(lambda: isinstance(at.app.focused, SourceTree))
        await at.press("f1")
        assert titles(at)[:2] == ["Tab Train", "The side panel"]
        await at.press("escape")
        assert isinstance(at.app.focused, SourceTree)


def test_every_key_of_the_tree_and_of_the_tabs_is_in_the_help() -> None:
    for tab in (None, "suggest", "train", "of another version"):
        sections = dict(help_sections({}, tab))
        assert len(sections) == len(help_sections({}, None))
        keys = " ".join(key for key, _ in sections["Tab Train"])
        assert all(key in keys for key in ("␣", "⏎", "→", "←", "⌫", "x"))
        assert "^PgDn" in " ".join(key for key, _ in sections["The side panel"])


async def test_who_sees_eighty_columns_sees_the_key_of_the_help() -> None:
    async with seat(size=(80, 24)) as at:
        assert "F1 help" in str(at.app.writing.keys.render())


async def test_the_key_line_shows_the_keys_of_where_the_focus_is() -> None:
    async with seat() as at:
        keys = at.app.writing.keys
        assert keys.hints[0].label == "accept"
        await in_train_tab(at)
        await at.until(lambda: keys.hints[1].label == "choose")
        assert keys.hints[0].key == "Esc"  # the way back shows however narrow the line
        assert "⌫" in [hint.key for hint in keys.hints]
        await at.press("tab")
        assert "⌫" not in [hint.key for hint in keys.hints]
        await at.press("escape")
        assert keys.hints[0].label == "accept"


async def test_f2_goes_to_the_panel_and_from_there_closes_it() -> None:
    async with seat() as at:
        writing = at.app.writing
        await at.press("f2")
        await at.until(lambda: writing.panel.has_focus_within)
        await at.press("escape")
        assert writing.editor.has_focus and writing.panel_open
        await at.press("f2")
        await at.until(lambda: writing.panel.has_focus_within)
        assert writing.panel_open
        await at.press("f2")
        assert writing.editor.has_focus and not writing.panel_open


async def test_arrows_alone_reach_the_tabs_and_go_back_into_them() -> None:
    async with seat() as at:
        await at.press("f2")
        await at.until(lambda: at.app.writing.panel.has_focus_within)
        await at.press("up")
        assert isinstance(at.app.focused, Tabs)
        await at.press("right")
        await at.until(lambda: at.app.writing.panel.tabs.active == "tab-train")
        assert isinstance(at.app.focused, Tabs)
        await at.press("down")
        await at.until(lambda: isinstance(at.app.focused, SourceTree))
        await at.press("up")
        assert isinstance(at.app.focused, Tabs)


async def test_down_leaves_the_tree_at_its_last_row() -> None:
    async with seat() as at:
        await in_train_tab(at)
        tree = at.app.focused
        assert isinstance(tree, SourceTree)
        await at.until(lambda: tree.root.is_expanded)
        await at.press(*["down"] * (tree.last_line + 1))
        assert at.app.focused is at.app.writing.query_one("#source-path")


async def test_ctrl_c_without_a_selection_says_what_it_is_for() -> None:
    async with seat() as at:
        await at.press("ctrl+c")
        assert at.notices == ["Nothing is selected to copy. ^Q leaves Foretype."]
        await at.press("ctrl+c", "ctrl+c")
        assert len(at.notices) == 1


async def test_the_same_notice_shows_once_and_another_beside_it() -> None:
    async with seat() as at:
        for line in ("a [b]", "c", "a [b]"):
            at.app.notify(line, markup=False)
            await at.pilot.pause()
        assert at.notices == ["c", "a [b]"]


@pytest.mark.parametrize("text", ["plain", "lone \udc80 surrogate", "漢 \x00"])
async def test_any_text_can_be_copied_cut_and_pasted(text: str) -> None:
    async with seat() as at:
        at.app.writing.editor.insert(text)
        await at.press("f7", "ctrl+c", "ctrl+x")
        assert at.text == ""
        await at.press("ctrl+v", "ctrl+v")
        assert at.text == text * 2


async def test_ctrl_home_and_ctrl_end_go_to_the_ends_of_the_draft_and_select_with_shift() -> None:
    async with seat() as at:
        editor = at.app.writing.editor
        editor.insert("one\ntwo\nthree")
        await at.press("ctrl+home")
        assert editor.cursor_location == (0, 0)
        await at.press("ctrl+end")
        assert editor.cursor_location == (2, 5)
        await at.press("left", "ctrl+shift+home")
        assert editor.selected_text == "one\ntwo\nthre"
        await at.press("left", "right", "ctrl+shift+end")
        assert editor.selected_text == "ne\ntwo\nthree"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("\x00", "ask"),
        ("\x1b[32;5u", "ask"),
        ("\x1d", "dismiss"),
        ("\x0e", "next-alternative"),
        ("\x1b[1;3A", "previous-alternative"),
        ("\x1b[1;5C", "accept-word"),
        ("\x1b[Z", "accept-sentence"),
    ],
)
def test_what_terminals_send_is_what_is_bound(sent: str, name: str) -> None:
    (key,) = (event.key for event in XTermParser().feed(sent) if isinstance(event, Key))
    assert key in bindings_by_id()[name].key.split(",")
