"""What is painted is what is written: whatever was edited and however wide the window is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.tui.fakes import Engines
from tui.app import ForetypeApp
from tui.widgets.editor import Editor

TEXT = "Dear Anna, thank you for the photographs. I had almost forgotten how the lights"
LETTER = "\n".join([TEXT, "", "They came this morning.", TEXT[:30] * 9, ""])


def on_screen(editor: Editor) -> list[str]:
    """The rows of the editor as they were painted last, without the margin and the blanks behind the text."""
    region, strips = editor.region, editor.screen._compositor.render_strips()
    left = region.x + editor.gutter_width
    right = region.x + editor.scrollable_content_region.width
    return [strip.crop(left, right).text.rstrip() for strip in strips[region.y : region.bottom]]


def to_be_seen(editor: Editor) -> list[str]:
    """What the rows have to be: the text, wrapped anew, from where the editor is scrolled to."""
    rows = list[str]()
    for index in range(editor.document.line_count):
        line = editor.document.get_line(index)
        edges = [0, *editor.wrapped_document.get_offsets(index), len(line)]
        sections = [line[start:end] for start, end in pairwise(edges)]
        assert "".join(sections) == line
        rows += [section.rstrip() for section in sections]
    top, height = editor.scroll_offset.y, editor.region.height
    return (rows + [""] * height)[top : top + height]


@asynccontextmanager
async def app_with(text: str) -> AsyncIterator[tuple[ForetypeApp, Pilot[None]]]:
    app = ForetypeApp(make_engine=Engines({}))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        while app.engine is None:
            await pilot.pause()
        app.writing.editor.insert(text)
        await pilot.pause()
        yield app, pilot


@pytest.mark.parametrize("text", [TEXT, LETTER, LETTER * 8], ids=["two rows", "letter", "long"])
async def test_no_row_is_stale_after_the_window_or_the_panel_changed(text: str) -> None:
    async with app_with(text) as (app, pilot):
        editor = app.writing.editor
        for change in ("f2", (80, 24), (120, 36), "f2", (80, 24), (60, 20), "f2", "f2", (120, 36), "f2"):
            if isinstance(change, str):
                await pilot.press(change)
            else:
                await pilot.resize_terminal(*change)
            await pilot.pause()
            if editor.region.width:
                assert on_screen(editor) == to_be_seen(editor), change
                assert editor.wrapped_document.width == editor.wrap_width
                row = editor.wrapped_document.row_of(editor.cursor_location) - editor.scroll_offset.y
                assert 0 <= row < editor.region.height


class Bare(App[None]):
    """An editor and nothing else."""

    CSS = "Editor, Editor:focus { border: none; padding: 0; scrollbar-size-vertical: 1; }"

    def compose(self) -> ComposeResult:
        yield Editor(prose_width=0, id="editor")


PIECES = st.text(st.sampled_from("ab c  漢\n."), max_size=40)
PLACES = st.tuples(st.integers(0, 5), st.integers(0, 40))
STEPS = st.lists(
    st.tuples(st.just("edit"), PIECES, PLACES, PLACES)
    | st.tuples(st.just("size"), st.integers(20, 60), st.integers(4, 12))
    | st.tuples(st.sampled_from(["undo", "redo"])),
    max_size=8,
)


@given(PIECES, STEPS)
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
def test_rows_are_the_text_after_any_edits_at_any_width(text: str, steps: list[tuple[object, ...]]) -> None:
    async def run() -> None:
        app = Bare()
        async with app.run_test(size=(40, 10)) as pilot:
            editor = app.query_one(Editor)
            editor.load_text(text)
            await pilot.pause()
            for step in steps:
                match step:
                    case ("edit", str(new), (int(), int()) as start, (int(), int()) as end):
                        clamp = editor.document.clamp
                        editor.replace(new, *sorted((clamp(start), clamp(end))))
                    case ("size", int(width), int(height)):
                        await pilot.resize_terminal(width, height)
                    case ("undo",):
                        editor.undo()
                    case _:
                        editor.redo()
                await pilot.pause()
                assert on_screen(editor) == to_be_seen(editor)

    asyncio.run(run())
