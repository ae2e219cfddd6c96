"""Find and replace: as one types, both ways, by case and words, one by one and all at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.tui.seat import Seat, seat
from tui.widgets.editor import Editor

TEXT = "The cat sat.\n\nConcatenate: cat, CAT\r\nno more"


@asynccontextmanager
async def finding(key: str = "ctrl+f", text: str = TEXT) -> AsyncIterator[tuple[Seat, Editor]]:
    async with seat() as at:
        editor = at.app.writing.editor
        editor.become(text)
        editor.move_cursor((0, 0))
        await at.press(key)
        yield at, editor


async def said(at: Seat, line: str) -> None:
    await at.until(lambda: str(at.app.screen.query_one("#find-count").render()) == line)


async def test_what_is_typed_is_found_from_the_cursor_on() -> None:
    async with finding() as (at, editor):
        await at.press(*"cat")
        await said(at, "1 of 4")
        assert editor.selected_text == "cat"
        assert editor.selection.start == (0, 4)
        marked = [row.text for row in editor.render_line(2) if row.style and row.style.underline]
        assert [text.strip() for text in marked if text.strip()] == ["cat", "cat", "CAT"]
        await at.press("enter")
        await said(at, "2 of 4")
        assert editor.selection.start == (2, 3)
        await at.press("up", "up")
        await said(at, "4 of 4")
        await at.press("down")
        await said(at, "1 of 4")
        await at.press("escape")
        assert editor.has_focus
        assert editor.selected_text == "cat"
        assert not [row for row in editor.render_line(2) if row.style and row.style.underline]


async def test_case_and_words() -> None:
    async with finding() as (at, editor):
        await at.press(*"cat", "alt+w")
        await said(at, "1 of 3")
        await at.press("alt+c")
        await said(at, "1 of 2")
        await at.press(*"xx")
        await said(at, "none")
        await at.press("escape", "ctrl+f", *"no")
        await said(at, "1 of 1")
        assert editor.selected_text == "no"


async def test_a_selection_is_what_is_looked_for() -> None:
    async with finding() as (at, editor):
        await at.press("escape")
        editor.select_range((2, 13), (2, 16))
        await at.press("ctrl+f")
        await said(at, "3 of 4")


async def test_replacing_one_by_one() -> None:
    async with finding("ctrl+r") as (at, editor):
        await at.press(*"cat")
        await said(at, "1 of 4")
        await at.press("tab", *"dog", "enter")
        await said(at, "1 of 3")
        assert editor.document.get_line(0) == "The dog sat."
        assert editor.selection.start == (2, 3)
        await at.press("enter")
        await said(at, "1 of 2")
        assert editor.document.get_line(2) == "Condogenate: cat, CAT"
        await at.press("escape", "ctrl+z")
        assert editor.document.get_line(2) == "Concatenate: cat, CAT"


async def test_replacing_all_is_one_step_and_keeps_line_ends() -> None:
    async with finding("ctrl+r") as (at, _):
        await at.press(*"cat", "tab", *"dog", "alt+a")
        await said(at, "4 replaced")
        assert at.text == TEXT.replace("cat", "dog").replace("CAT", "dog")
        draft = at.app.writing.ghosting.draft
        assert at.engines.engine.documents[draft].text == at.text.replace("\r\n", "\n")
        await at.press("escape", "ctrl+z")
        assert at.text == TEXT
        await at.press("ctrl+y")
        assert "dog" in at.text


async def test_nothing_looked_for_does_nothing() -> None:
    async with finding("ctrl+r") as (at, _):
        await at.press("enter", "tab", "enter", "alt+a")
        assert at.text == TEXT


async def test_it_fits_the_smallest_screen() -> None:
    async with seat(size=(40, 10)) as at:
        await at.press("ctrl+r", *"cat")
        bar = at.app.writing.find_bar
        assert at.app.screen.region.contains_region(bar.region)
        assert at.app.writing.editor.size.height >= 3


async def test_the_palette_leads_into_the_bar() -> None:
    async with seat() as at:
        at.app.writing.editor.become(TEXT)
        await at.press("ctrl+p")
        await at.press(*"Find and rep")
        await at.until(lambda: at.app.screen.query("CommandList"))
        await at.pilot.pause(0.3)
        await at.press("enter")
        await at.until(lambda: at.app.screen is at.app.writing and at.app.writing.find_bar.shown)
        await at.pilot.pause()
        await at.press(*"cat")
        await said(at, "1 of 4")
