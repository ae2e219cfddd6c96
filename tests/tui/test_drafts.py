"""Drafts: several open, recent ones, earlier versions, files that others have open or change."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from core import paths
from core.drafts.files import Encoding
from core.drafts.holding import HeldElsewhere, Hold
from core.drafts.recovery import Copy, Recovery, left_over
from core.drafts.versions import keep_version, versions_of
from tests.tui.fakes import Engines
from tests.tui.seat import Seat, seat
from tui.app import ForetypeApp
from tui.screens.comparing import CompareScreen, Comparison
from tui.screens.dialogs import FileDialog, Question, RecoverDialog
from tui.screens.picker import Picker


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_text(f"text of {name}")
    return [folder / name for name in names]


async def picked(at: Seat, letters: str) -> None:
    await at.until(lambda: isinstance(at.app.screen, Picker))
    at.app.screen.query_one(Input).value = letters
    await at.pilot.pause()
    await at.press("enter")


# Several at once


async def test_drafts_keep_text_cursor_undo_and_place(tmp_path: Path) -> None:
    one, two = files(tmp_path, "one.md", "two.md")
    async with seat(one) as at:
        await at.press("a", "b")
        at.app.writing.flow.load(two)
        assert at.text == "text of two.md"
        await at.press("x")
        await at.press("ctrl+pageup")
        assert at.text == "abtext of one.md"
        assert at.app.writing.editor.cursor_location == (0, 2)
        assert at.app.writing.keeper.unsaved
        await at.press("ctrl+z")
        assert at.text == "text of one.md"
        await at.press("ctrl+pagedown")
        assert at.text == "xtext of two.md"
        engine, drafts = at.engines.engine, at.app.writing.drafts
        assert {engine.documents[draft.name].text for draft in drafts.all} == {"text of one.md", at.text}


async def test_a_file_is_opened_where_it_was_left(tmp_path: Path) -> None:
    one, two = files(tmp_path, "one.md", "two.md")
    one.write_text("\n".join(f"line {number}" for number in range(200)))
    for leave in ("ctrl+q", "alt+w"):
        async with seat(one) as at:
            editor = at.app.writing.editor
            editor.move_cursor((150, 3))
            await at.press(leave)
            await at.until(lambda: not at.app.is_running or at.text == "")
        async with seat(two) as at:
            assert at.app.writing.editor.cursor_location == (0, 0)
            at.app.writing.flow.load(one)
            editor = at.app.writing.editor
            assert editor.cursor_location == (150, 3)
            await at.pilot.pause()
            assert 0 <= editor.wrapped_document.row_of((150, 3)) - editor.scroll_offset.y < editor.size.height
        one.write_text("shorter")
        async with seat(one) as at:
            assert at.app.writing.editor.cursor_location == (0, 7)
        one.write_text("\n".join(f"line {number}" for number in range(200)))


async def test_ghosts_follow_the_draft_that_is_shown(tmp_path: Path) -> None:
    one, two = files(tmp_path, "one.md", "two.md")
    async with seat(one) as at:
        at.app.writing.flow.load(two)
        at.app.writing.drafts.step(1)
        at.app.writing.editor.move_cursor((0, 99))
        at.app.writing.editor.move_cursor(at.app.writing.editor.document.end)
        await at.press("space", *"forgot")
        await at.until(lambda: at.app.writing.editor.ghost)
        at.app.writing.drafts.step(1)
        assert not at.app.writing.editor.ghost


async def test_a_file_that_is_open_is_not_opened_twice(tmp_path: Path) -> None:
    (one,) = files(tmp_path, "one.md")
    (tmp_path / "link.md").symlink_to(one)
    async with seat(one) as at:
        await at.press("x")
        at.app.writing.flow.load(tmp_path / "link.md")
        assert at.text == "xtext of one.md"
        assert len(at.app.writing.drafts.all) == 1


async def test_new_and_close(tmp_path: Path) -> None:
    (one,) = files(tmp_path, "one.md")
    async with seat(one) as at:
        await at.press("alt+n", *"new text")
        assert str(at.app.writing.title_line.content).endswith("2/2")
        await at.press("alt+w")
        await at.answer("cancel")
        assert at.text == "new text"
        await at.press("alt+w")
        await at.answer("discard")
        await at.until(lambda: at.text == "text of one.md")
        await at.press("alt+w")
        await at.until(lambda: at.text == "")
        assert at.app.writing.keeper.path is None
        assert len(at.app.writing.drafts.all) == 1


async def test_leaving_asks_for_each_draft_that_is_not_saved(tmp_path: Path) -> None:
    one, two = files(tmp_path, "one.md", "two.md")
    async with seat(one) as at:
        await at.press("a")
        at.app.writing.flow.load(two)
        await at.press("b", "ctrl+q")
        await at.answer("save")
        await at.until(lambda: isinstance(at.app.screen, Question) and at.app.writing.keeper.path == two)
        await at.answer("save")
        await at.until(lambda: two.read_text() == "btext of two.md")
    assert one.read_text() == "atext of one.md"
    assert left_over() == []


async def test_a_closed_terminal_keeps_all_drafts(tmp_path: Path) -> None:
    one, two = files(tmp_path, "one.md", "two.md")
    async with seat(one) as at:
        await at.press("a")
        at.app.writing.flow.load(two)
        await at.press("b")
        at.app._end_at_once()
    copies = [file.read_text().split("\n", 1)[1] for file in paths.recovery_folder().glob("*.draft")]
    assert set(copies) == {"atext of one.md", "btext of two.md"}


async def test_open_drafts_and_recent_files_are_picked_from_a_list(tmp_path: Path) -> None:
    one, two, three = files(tmp_path, "one.md", "two.md", "three.md")
    async with seat(one) as at:
        at.app.writing.flow.load(two)
        at.app.writing.flow.load(three)
        at.app.writing.drafts.close(at.app.writing.drafts.current)
        await at.press("ctrl+t")
        await picked(at, "one")
        await at.until(lambda: at.text == "text of one.md")
        await at.press("ctrl+t")
        await picked(at, "three recent")
        await at.until(lambda: at.text == "text of three.md")
        await at.press("ctrl+t", "escape")
        assert at.text == "text of three.md"


# Headings


async def test_go_to_a_heading() -> None:
    async with seat(size=(80, 24)) as at:
        editor = at.app.writing.editor
        editor.become("# One\n" + "text\n" * 60 + "## Two [/x]\n```\n# code\n```\n")
        await at.press("ctrl+g")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        assert at.app.screen.query_one(OptionList).option_count == 2
        await picked(at, "tw")
        await at.until(lambda: editor.has_focus)
        assert editor.cursor_location == (61, len("## Two [/x]"))
        assert 0 <= editor.wrapped_document.row_of((61, 0)) - editor.scroll_offset.y < editor.size.height


# Earlier versions


async def test_each_save_keeps_what_was_there_before_and_what_is_there_now(tmp_path: Path) -> None:
    (one,) = files(tmp_path, "one.md")
    async with seat(one) as at:
        for _ in range(2):
            await at.press("x", "ctrl+s")
            await at.until(lambda: not at.app.writing.keeper.unsaved)
        await at.press("f8")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        choices = at.app.screen.query_one(OptionList)
        assert choices.highlighted == 1  # the newest is what is there
        assert "3 words, just now" in str(choices.get_option_at_index(0).prompt)
        kept = [version.read() for version in versions_of(one)]
        assert kept == ["xxtext of one.md", "xtext of one.md", "text of one.md"]
    assert sorted(item.name for item in tmp_path.iterdir() if item.is_file()) == ["one.md"]


@pytest.mark.parametrize("size", [(120, 36), (40, 10)])
async def test_a_version_is_compared_and_brought_back(tmp_path: Path, size: tuple[int, int]) -> None:
    (one,) = files(tmp_path, "one.md")
    keep_version(one, b"the\r\nold text of [/one]", lambda: 1.0)
    async with seat(one, size=size) as at:
        await at.press("f8")
        await at.until(lambda: isinstance(at.app.screen, Picker))
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, CompareScreen))
        shown = at.app.screen.query_one(Comparison).query_one("Static")
        await at.until(lambda: "old" in str(shown.render()))
        button = at.app.screen.query_one("#do")
        assert at.app.screen.region.contains_region(button.region)
        await at.answer("do")
        await at.until(lambda: at.text == "the\r\nold text of [/one]")
        assert at.app.writing.keeper.unsaved
        await at.press("ctrl+z")
        assert at.text == "text of one.md"


async def test_a_draft_without_a_name_says_why_it_has_no_versions() -> None:
    async with seat() as at:
        await at.press("f8")
        await at.until(lambda: any("once it was saved" in notice for notice in at.notices))


# Others


async def test_a_file_open_elsewhere_is_noticed_when_it_is_opened_and_before_it_is_saved(
    tmp_path: Path,
) -> None:
    (one,) = files(tmp_path, "one.md")
    other = Hold(one)
    async with seat(one) as at:
        assert any("open in another Foretype" in notice for notice in at.notices)
        await at.press("x", "ctrl+s")
        await at.answer("cancel")
        assert one.read_text() == "text of one.md"
        await at.press("ctrl+s")
        await at.answer("here")
        await at.until(lambda: one.read_text() == "xtext of one.md")
        other.release()
        await at.press("y", "ctrl+s")
        await at.until(lambda: one.read_text() == "xytext of one.md")
        with pytest.raises(HeldElsewhere):
            Hold(one)


async def test_a_change_on_disk_is_told_once_and_can_be_taken_over(tmp_path: Path) -> None:
    (one,) = files(tmp_path, "one.md")
    async with seat(one) as at:
        assert not await at.app.writing.keeper.notice_change()
        one.write_text("theirs")
        assert await at.app.writing.keeper.notice_change()
        assert not await at.app.writing.keeper.notice_change()
        at.app.writing.action_reload_draft()
        await at.until(lambda: at.text == "theirs")
        assert not at.app.writing.keeper.unsaved
        await at.press("x", "ctrl+s")
        await at.until(lambda: one.read_text() == "xtheirs")


async def test_another_draft_is_not_saved_over_one_that_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one, two = files(tmp_path, "one.md", "two.md")
    async with seat(one) as at:
        at.app.writing.flow.load(two)
        at.app.action_save_as()
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = str(one)
        await at.press("enter")
        await at.until(lambda: any("open here too" in notice for notice in at.notices))
    assert one.read_text() == "text of one.md"


async def test_both_versions_can_be_looked_at_before_one_recovers(tmp_path: Path) -> None:
    (one,) = files(tmp_path, "one.md")
    place = Recovery()
    place.write(Copy("text of one, unsaved", str(one), Encoding(), None))
    place.release()
    async with seat(size=(40, 10)) as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        dialog = at.app.screen.query_one(".dialog")
        for button in at.app.screen.query("Button"):
            assert dialog.content_region.contains_region(button.region)
        await at.answer("look")
        await at.until(lambda: isinstance(at.app.screen, CompareScreen))
        shown = at.app.screen.query_one(Comparison).query_one("Static")
        await at.until(lambda: "unsaved" in str(shown.render()))
        await at.press("escape")
        await at.answer("recover")
        await at.until(lambda: at.text == "text of one, unsaved")
        assert at.app.writing.keeper.unsaved
    assert one.read_text() == "text of one.md"
    assert paths.recovery_folder().exists()


async def test_several_files_are_drafts_and_the_first_is_shown(tmp_path: Path) -> None:
    one, two, three = files(tmp_path, "one.md", "two.md", "three.md")
    app = ForetypeApp(one, two, three, make_engine=Engines())
    async with app.run_test() as pilot:
        while len(app.writing.drafts.all) < 3:
            await pilot.pause()
        await pilot.pause()
        assert [draft.keeper.path for draft in app.writing.drafts.all] == [one, two, three]
        assert app.writing.keeper.path == one
