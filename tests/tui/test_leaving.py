"""Leaving and coming back: what is not saved is asked about, copied meanwhile, and offered after a crash."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.widgets import OptionList

from core import paths
from core.drafts.files import Encoding
from core.drafts.recovery import Copy, Recovery, left_over
from tests.tui.seat import seat
from tui.screens.dialogs import Question, RecoverDialog, beginning


async def test_quitting_asks_when_something_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:
        await at.press("x", "ctrl+q")
        await at.answer("cancel")
        assert at.app.is_running
        await at.press("ctrl+q")
        await at.answer("save")
        await at.until(path.exists)
    assert path.read_text() == "x"
    assert not list(paths.recovery_folder().glob("*.draft"))
    assert at.engines.engine.closed


async def test_unsaved_text_is_copied_and_the_copy_goes_when_it_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:
        await at.press("x")
        await at.app.writing.keeper.keep_copy()
        (copy,) = paths.recovery_folder().glob("*.draft")
        assert left_over() == []
        await at.press("ctrl+s")
        await at.until(lambda: not copy.exists())


async def test_the_copy_is_made_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    written, loop, write = asyncio.Event(), asyncio.get_running_loop(), Recovery.write

    def write_and_tell(self: Recovery, copy: Copy) -> None:
        write(self, copy)
        loop.call_soon_threadsafe(written.set)

    monkeypatch.setattr(Recovery, "write", write_and_tell)
    async with seat() as at:
        await at.press("x")
        async with asyncio.timeout(60):
            await written.wait()
        assert list(paths.recovery_folder().glob("*.draft"))


async def test_a_closed_terminal_leaves_a_copy_at_once() -> None:
    async with seat() as at:
        await at.press("h", "i")
        at.app._end_at_once()
    (copy,) = paths.recovery_folder().glob("*.draft")
    assert copy.read_text().endswith("\nhi")
    assert at.engines.engine.closed


def crashed(path: str | None, text: str) -> None:
    place = Recovery()
    place.write(Copy(text, path, Encoding(), None, 0, 3))
    place.release()


async def test_after_a_crash_the_text_is_offered_and_recovered(tmp_path: Path) -> None:
    path = tmp_path / "anna [" / "x].md"
    path.parent.mkdir()
    path.write_text("Dear ")
    crashed(str(path), "Dear Anna")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        await at.answer("recover")
        await at.until(lambda: at.text == "Dear Anna")
        assert at.app.writing.keeper.unsaved
        assert at.app.writing.keeper.path == path
        assert at.app.writing.editor.cursor_location == (0, 3)
        await at.press("ctrl+s")
        await at.answer("overwrite")  # nobody knows what the file was like when the draft was begun
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text() == "Dear Anna"
    assert left_over() == []


async def test_what_is_left_for_later_is_offered_again_and_what_is_discarded_is_not() -> None:
    crashed(None, "first")
    crashed(None, "second")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        choices = at.app.screen.query_one(OptionList)
        assert choices.option_count == 2
        await at.press("down")
        assert choices.highlighted == 1
        await at.press("up")
        await at.answer("discard")
        await at.until(lambda: isinstance(at.app.screen, Question))
        assert len(left_over()) == 2
        await at.answer("discard")
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog) and len(left_over()) == 1)
        await at.press("escape")
        await at.until(lambda: at.app.writing.editor.has_focus)
    assert len(left_over()) == 1


async def test_all_that_was_left_comes_back_at_once(tmp_path: Path) -> None:
    crashed(None, "of no file")
    crashed(str(tmp_path / "a.md"), "Dear Anna")
    async with seat() as at:
        await at.answer("all")
        await at.until(lambda: at.app.writing.editor.has_focus)
        texts = {draft.page.document.text for draft in at.app.writing.drafts.all}
        assert texts == {"of no file", "Dear Anna"}
        assert all(draft.to_lose for draft in at.app.writing.drafts.all)


async def test_all_that_was_left_is_offered_in_turn_and_the_title_counts_what_is_open(tmp_path: Path) -> None:
    path = tmp_path / "named.md"
    path.write_text("Dear ")
    crashed(None, "of no file")
    crashed(str(path), "Dear Anna")
    async with seat(path) as at:
        await at.answer("recover")
        await at.until(lambda: at.text == "Dear Anna" and isinstance(at.app.screen, RecoverDialog))
        assert at.app.screen.query_one(OptionList).option_count == 1
        title = at.app.writing.title_line
        assert str(title.content).rstrip().endswith("named.md ●")
        await at.answer("recover")
        await at.until(lambda: at.text == "of no file")
        assert str(title.content).endswith("2/2")
        await at.until(lambda: at.app.writing.editor.has_focus)


async def test_what_is_left_of_another_file_is_not_put_over_the_named_one_by_default(tmp_path: Path) -> None:
    path = tmp_path / "named.md"
    path.write_text("mine")
    crashed(str(tmp_path / "other.md"), "something else entirely")
    async with seat(path) as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog) and at.app.screen.focused)
        dialog = at.app.screen
        assert dialog.focused is dialog.query_one("#later")
        await at.press("right")
        assert dialog.focused is dialog.query_one("#discard")
        await at.press("right", "left", "left", "left")
        assert dialog.focused is dialog.query_one("#recover")
        await at.press("right", "enter")
        await at.until(lambda: at.app.writing.editor.has_focus)
        assert at.text == "mine"
    assert len(left_over()) == 1


async def test_what_is_left_of_the_named_file_is_recovered_by_default(tmp_path: Path) -> None:
    path = tmp_path / "named.md"
    crashed(str(path), "of this file")
    crashed(None, "newer, of no file")
    async with seat(path) as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog) and at.app.screen.focused)
        assert at.app.screen.focused is at.app.screen.query_one("#recover")
        assert at.app.screen.query_one(OptionList).highlighted == 1


async def test_who_types_on_answers_no_dialog_and_loses_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.flows.drafts.UNSEEN", 1e6)
    crashed(None, "left")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        assert at.app.screen.focused is None
        await at.press("enter", "space", "h", "i")
        await at.until(lambda: at.app.writing.editor.has_focus)
        assert at.text == "\n hi"
        await at.until(lambda: any("is kept" in notice for notice in at.notices))
    assert len(left_over()) == 1


async def test_what_was_typed_before_the_file_was_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("text")
    crashed(None, "left")
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        await at.press("escape")
        await at.press("h", "i")
        at.app.writing.open_file(path)
        assert at.text == "hitext"
        await at.app.writing.flow.recover(path, at_start=True)
        assert not isinstance(at.app.screen, RecoverDialog)
        await at.until(lambda: any("is kept" in notice for notice in at.notices))


def test_a_preview_ends_with_a_whole_word() -> None:
    assert beginning("one two three", 9) == "one two…"
    assert beginning("one two", 7) == "one two"
    assert beginning("onetwothree", 5) == "onet…"
