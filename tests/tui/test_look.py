"""How the draft looks: Markdown, focus, typewriter scrolling, counts, and that only what changed is painted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.style import Style
from textual.geometry import Region
from textual.widgets import OptionList

from tests.tui.fakes import Engines
from tests.tui.seat import Seat, seat
from tui.widgets.editor import Editor

LONG = "\n\n".join(f"Paragraph {number} of the text." for number in range(60))


def style_of(editor: Editor, row: int, text: str) -> Style:
    """The style of the first stretch of a painted row that holds a text."""
    for segment in editor.render_line(row):
        if text in segment.text and segment.style is not None:
            return segment.style
    raise AssertionError(f"{text} is not in row {row} as one stretch")


# Markdown


async def test_the_parts_of_markdown_are_told_apart() -> None:
    async with seat() as at:
        editor = at.app.writing.editor
        editor.become("# Title\n**bold** and _slanted_ and `code`\n```\n# code\n```\n# Two")
        plain = style_of(editor, 1, " and ")
        assert style_of(editor, 0, "Title").bold
        assert style_of(editor, 1, "bold").bold
        assert style_of(editor, 1, "slanted").italic
        assert style_of(editor, 1, "code").color != plain.color
        assert not style_of(editor, 3, "# code").bold
        assert style_of(editor, 1, "**").color != plain.color
        editor.replace("x", (2, 0), (2, 3))  # the fence is gone: the other one opens now
        await at.pilot.pause()
        assert style_of(editor, 3, "code").bold
        assert not style_of(editor, 5, "# Two").bold


@pytest.mark.parametrize(("name", "bold"), [("a.md", True), ("a.txt", True), ("a.tex", False)])
async def test_markdown_is_told_apart_by_the_files_ending(tmp_path: Path, name: str, bold: bool) -> None:
    (tmp_path / name).write_text("# Title")
    async with seat(tmp_path / name) as at:
        assert bool(style_of(at.app.writing.editor, 0, "Title").bold) == bold
        at.app.preferences.toggle("markdown")
        assert not style_of(at.app.writing.editor, 0, "Title").bold


# Painting


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (40, 10)])
async def test_rows_break_where_they_did_when_the_text_outgrows_the_screen(size: tuple[int, int]) -> None:
    async with seat(size=size) as at:
        editor = at.app.writing.editor
        before = editor.wrap_width, editor.gutter_width
        editor.become(LONG)
        await at.until(lambda: editor.show_vertical_scrollbar)
        assert (editor.wrap_width, editor.gutter_width) == before


async def test_only_rows_that_changed_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = Engines({"forgot": [" what the light on the harbour was like"]})
    async with seat(engines=engines) as at:
        editor = at.app.writing.editor
        editor.become(LONG)
        editor.move_cursor((4, len("Paragraph 2 of the text.")))
        await at.pilot.pause()
        painted: list[Region] = []
        exchange = Editor._exchange_repaint_regions

        def noted(self: Editor) -> list[Region]:
            regions = list(exchange(self))
            painted.extend(regions)
            return regions

        monkeypatch.setattr(Editor, "_exchange_repaint_regions", noted)
        await at.press(*"forgot")
        await at.until(lambda: editor.shown_ghost)
        await at.pilot.pause()
        assert painted
        assert {region.y for region in painted} == {4}
        painted.clear()
        await at.press("up")
        await at.pilot.pause()
        assert {region.y for region in painted} == {3, 4}


# Focus and typewriter


async def test_in_focus_mode_only_the_paragraph_is_in_the_light() -> None:
    async with seat() as at:
        editor = at.app.writing.editor
        editor.become("one\ntwo\n\nthree\n\nfour")
        editor.move_cursor((3, 2))
        await at.press("f9")
        light = style_of(editor, 3, "th").color
        assert [style_of(editor, row, text).color == light for row, text in enumerate(["one", "two"])] == [
            False,
            False,
        ]
        await at.press("up", "up")
        assert style_of(editor, 0, "one").color == light
        assert style_of(editor, 3, "three").color != light
        await at.press("f9")
        assert style_of(editor, 3, "three").color == light


async def test_the_row_stays_in_the_middle_with_typewriter_scrolling() -> None:
    async with seat() as at:
        editor = at.app.writing.editor
        editor.become(LONG)
        at.app.preferences.toggle("typewriter")
        for row in (40, 60, editor.document.line_count - 1):
            editor.move_cursor((row, 0))
            await at.pilot.pause()
            await at.press("x")
            at_row = editor.wrapped_document.row_of(editor.cursor_location) - editor.scroll_offset.y
            assert at_row == editor.size.height // 2


# Counts


async def test_words_and_characters_of_the_draft_and_of_the_selection() -> None:
    async with seat() as at:
        status = at.app.writing.status
        await at.press(*"one two")
        assert (status.status.words, status.status.characters, status.status.selected) == (2, 7, None)
        await at.press("shift+left", "shift+left")
        assert status.status.selected == (2, 1)
        assert "selected: 1 word, 2 characters" in str(status.render())
        await at.press("f7")
        assert status.status.selected == (7, 2)
        await at.press("backspace")
        assert (status.status.characters, status.status.selected) == (0, None)


# The mouse


async def test_the_mouse_places_the_cursor_selects_scrolls_and_takes_the_ghost() -> None:
    async with seat() as at:
        editor = at.app.writing.editor
        editor.become("\n".join(f"line {number}" for number in range(80)))
        left = editor.gutter_width
        await at.pilot.click("#editor", offset=(left + 2, 3))
        assert editor.cursor_location == (3, 2)
        await at.pilot.mouse_down("#editor", offset=(left, 5))
        await at.pilot.hover("#editor", offset=(left + 4, 6))
        await at.pilot.mouse_up("#editor", offset=(left + 4, 6))
        assert editor.selected_text == "line 5\nline"
        editor.become("")
        await at.press(*"forgot")
        await at.pilot.click("#editor", offset=(left + 9, 0))
        assert at.text == "forgotten how the light falls"


# No ghost where there must be none


async def test_no_ghost_while_something_is_selected() -> None:
    async with seat() as at:
        await at.press(*"forgot")
        await at.press("shift+left")
        assert not at.app.writing.editor.ghost
        asked = len(at.engines.engine.asked)
        at.app.writing.ghosting.refresh()
        await at.pilot.pause()
        assert len(at.engines.engine.asked) == asked
        assert at.app.writing.status.status.silence == "selecting"


# Colours


async def ghost_is_told_from_text(at: Seat) -> None:
    await at.press(*"forgot")
    editor = at.app.writing.editor
    ghost, text = style_of(editor, 0, "en how the light"), style_of(editor, 0, "forgot")
    assert ghost.italic
    assert not text.italic


@pytest.mark.parametrize(
    "theme", ["foretype-light", "textual-dark", "ansi-dark", "dracula", "solarized-light"]
)
async def test_themes(theme: str) -> None:
    async with seat() as at:
        at.app.theme = theme
        await at.pilot.pause()
        await ghost_is_told_from_text(at)
        editor = at.app.writing.editor
        ghost, text = style_of(editor, 0, "en how the light"), style_of(editor, 0, "forgot")
        assert theme == "ansi-dark" or ghost.color != text.color


@pytest.mark.parametrize("theme", ["foretype-dark", "foretype-light", "ansi-dark"])
async def test_without_colours_cursor_selection_and_ghost_are_seen(
    monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    async with seat() as at:
        at.app.theme = theme
        await at.pilot.pause()
        await ghost_is_told_from_text(at)
        await at.press("shift+left", "shift+left")
        looks: dict[str, tuple[object, ...]] = {}
        for strip in at.app.screen._compositor.render_strips()[at.app.writing.editor.region.y :][:1]:
            for text, style, _ in strip:
                if style is not None:
                    looks[text.strip()] = (style.color, style.bgcolor, style.reverse)
        assert len({looks["forg"], looks["t"]}) == 2  # text and selection
        assert len({looks["forg"], looks["o"]}) == 2  # text and cursor


# All at forty by ten


async def test_everything_opens_on_the_smallest_screen(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A heading that is longer than the screen is wide\ntext")
    async with seat(tmp_path / "a.md", size=(40, 10)) as at:
        for key in ("ctrl+g", "ctrl+t", "f8", "f1"):
            await at.press(key)
            await at.until(lambda: at.app.screen is not at.app.writing)
            await at.pilot.pause()
            for widget in at.app.screen.query(OptionList):
                assert at.app.screen.region.contains_region(widget.region)
            await at.press("escape")
            await at.until(lambda: at.app.screen is at.app.writing)
        await at.press("f9", "shift+f9", "x")
        assert at.text.startswith("x# A")
