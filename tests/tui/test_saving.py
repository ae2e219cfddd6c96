"""Files in the app: any can be opened and saved, byte for byte, and none is overwritten without a question."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Button, Input
from textual.widgets._toast import Toast

from core import paths
from tests.tui.looking import Desk
from tests.tui.seat import seat
from tui.screens.dialogs import FileDialog, Question

HOSTILE = [
    "notes [/draft].txt",
    "[@click=app.quit]x.md",
    "two\nlines.md",
    "esc\x1b[2J.md",
    " spaced .md",
    "שלום.md",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_any_file_name_is_shown_as_it_is_and_saved(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("Dear ")
    async with seat(path) as at:
        shown = str(at.app.writing.title_line.content)
        assert "\x1b" not in shown
        assert "\n" not in shown
        assert name.replace("\n", "\u240a").replace("\x1b", "\u241b") in shown
        at.app.writing.editor.insert("x")
        await at.press("ctrl+s")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text() == "xDear "


async def test_a_file_need_not_exist_and_is_made_on_saving(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:
        await at.press("h", "i")
        assert at.app.writing.status.status.unsaved
        assert not path.exists()
        await at.press("ctrl+s")
        await at.until(path.exists)
        await at.until(lambda: not at.app.writing.status.status.unsaved)
    assert path.read_bytes() == b"hi"


async def test_undoing_to_what_is_saved_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old\r\n")
    async with seat(path) as at:
        keeper = at.app.writing.keeper
        await at.press("x")
        await keeper.keep_copy()
        assert keeper.unsaved and list(paths.recovery_folder().glob("*.draft"))
        await at.press("ctrl+z")
        assert not keeper.unsaved
        assert not at.app.writing.status.status.unsaved
        await keeper.keep_copy()
        assert not list(paths.recovery_folder().glob("*.draft"))
        await at.press("ctrl+y")
        assert keeper.unsaved
        await at.press("ctrl+s")
        await at.until(lambda: not keeper.unsaved)
        await at.press("ctrl+z")
        assert keeper.unsaved
        await at.press("ctrl+y")
        assert not keeper.unsaved
        await at.press("ctrl+z", "ctrl+q")
        await at.answer("discard")


async def test_what_was_not_edited_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_bytes(b"one\r\ntwo\n\x0cthree\x85\xff")
    before = path.stat()
    async with seat(path) as at:
        await at.press("ctrl+s")
        await at.pilot.pause()
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


async def test_an_edit_changes_only_its_own_bytes(tmp_path: Path) -> None:
    data = b"one\r\ntwo\n\x0cthr\xe2\x80\xa8ee\x00\r\nfo\x1cur"
    path = tmp_path / "odd.md"
    path.write_bytes(data)
    async with seat(path) as at:
        await at.press("down", "x", "ctrl+s")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_bytes() == data.replace(b"two", b"xtwo")


async def test_what_is_typed_and_taken_right_before_is_saved_and_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    async with seat(path) as at:

        def send(*keys: str) -> None:
            for key in keys:  # as a slow line delivers them: all at once
                at.app.post_message(Key(key, key if len(key) == 1 else None))

        await at.press(*"forgot")
        assert at.app.writing.editor.ghost
        send("tab", "ctrl+s")
        await at.until(path.exists)
        assert path.read_text() == "forgotten how the light falls"
        send("x", "ctrl+q")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.answer("save")
    assert path.read_text() == "forgotten how the light fallsx"


async def test_an_unnamed_draft_asks_for_its_name_and_asks_before_it_replaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.md").write_text("precious")
    async with seat() as at:
        await at.press("h", "i", "ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = "there.md"
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.answer("cancel")
        assert (tmp_path / "there.md").read_text() == "precious"
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = "new.md"
        await at.press("enter")
        await at.until(lambda: (tmp_path / "new.md").exists() and not at.app.writing.keeper.unsaved)
        assert at.app.writing.editor.has_focus


async def test_a_file_changed_on_disk_is_not_overwritten_without_a_question(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    async with seat(path) as at:
        await at.press("x")
        path.write_text("theirs")
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.press("escape")
        assert path.read_text() == "theirs"
        assert at.app.writing.keeper.unsaved
        await at.press("ctrl+s")
        await at.answer("overwrite")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text() == "xold"


async def test_a_guessed_encoding_is_told_and_another_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_bytes("Zażółć gęślą jaźń, powiedział ktoś.".encode("cp1250"))
    async with seat(path) as at:
        assert any("does not say its encoding: read as CP1250" in notice for notice in at.notices)
        titles = {command.title: command for command in at.app.get_system_commands(at.app.screen)}
        titles["Read as Western (Windows-1252)"].callback()
        await at.until(lambda: at.text.startswith("Za¿ó³æ"))
        assert at.app.writing.keeper.encoding.codec == "cp1252"
        at.app.writing.editor.insert("x")
        titles["Read as Central European (Windows-1250)"].callback()
        await at.answer("discard")
        await at.until(lambda: at.text.startswith("Zażółć"))
        at.app.writing.editor.insert("→")
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, Question))
        assert "The encoding was guessed" in str(at.app.screen.query("Label, Static").last().content)


async def test_a_folder_that_is_not_there_is_told_and_made_on_saving(tmp_path: Path) -> None:
    path = tmp_path / "no" / "such" / "draft.md"
    async with seat(path) as at:
        assert any("does not exist yet" in notice for notice in at.notices)
        await at.press("x", "ctrl+s")
        await at.answer("cancel")
        assert not path.parent.exists()
        await at.press("ctrl+s")
        await at.answer("make")
        await at.until(path.exists)
    assert path.read_text() == "x"


async def test_utf8_is_offered_no_other_encoding(tmp_path: Path) -> None:
    async with seat(tmp_path / "draft.md") as at:
        assert not any("Read as" in command.title for command in at.app.get_system_commands(at.app.screen))


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_every_answer_to_a_file_changed_on_disk_is_seen(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    async with seat(path, size=size) as at:
        await at.press("x")
        path.write_text("theirs")
        await at.press("ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, Question) and at.app.screen.focused)
        assert at.app.screen.focused is at.app.screen.query_one("#other")
        for button in at.app.screen.query(Button):
            assert at.app.screen.query_one(".dialog").content_region.contains_region(button.region)
            assert button.size.width >= len(str(button.label))
        await at.press("down", "down", "enter")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
        assert path.read_text() == "xold"
        await at.press("y", "ctrl+s")
        await at.until(lambda: path.read_text() == "xyold")  # what is on disk is known again: no question


async def test_a_failed_save_says_one_line_and_keeps_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with seat(path) as at:
        await at.press("x")
        monkeypatch.setattr(os, "replace", full)
        await at.press("ctrl+s")
        await at.until(lambda: at.notices)
        assert at.notices == [
            "draft.md is not saved (No space left on device): make room, or save it elsewhere"
        ]
        assert at.text == "xold"
        assert at.app.writing.status.status.unsaved
    assert path.read_text() == "old"


async def test_a_file_that_can_only_be_read_says_so_and_is_saved_under_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    access = os.access

    def as_for_others_than_root(file: Path, mode: int) -> bool:
        return Path(file) != path and access(file, mode)

    monkeypatch.setattr(os, "access", as_for_others_than_root)
    async with seat(path) as at:
        assert at.notices == ["draft.md can only be read: saving asks for another name"]
        at.app.touring.begin()  # with it, notices have another place below a dialog than on it
        at.app.writing.editor.focus()
        await at.press("x", "ctrl+s")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        await at.until(lambda: at.app.screen.query(Toast))
        painted = Desk(at.app, at.pilot, at.engines.engine).painted()
        assert sum("draft.md can only be read" in row for row in painted) == 1
        assert at.app.screen.query_one(Input).value == "draft.md"
        at.app.screen.query_one(Input).value = "mine.md"
        await at.press("enter")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert (path.read_text(), (tmp_path / "mine.md").read_text()) == ("old", "xold")


async def test_a_character_the_encoding_lacks_can_be_saved_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_bytes("Zwölf große Äpfel kosten fünf Groschen, sagte er.\n".encode("latin-1"))
    async with seat(path) as at:
        at.app.writing.editor.insert("→ 漢")
        await at.press("ctrl+s")
        await at.answer("utf8")
        await at.until(lambda: not at.app.writing.keeper.unsaved)
    assert path.read_text(encoding="utf-8").startswith("→ 漢Zwölf")


async def test_a_binary_file_is_refused_and_the_app_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\xfa\x00\x01\x80")
    async with seat(path) as at:
        assert at.notices == ["cat.png is a binary file: open a text instead"]
        await at.press("a")
        assert at.text == "a"


async def test_opening_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.md").write_text("other")
    async with seat() as at:
        await at.press("ctrl+o")
        await at.until(lambda: isinstance(at.app.screen, FileDialog))
        at.app.screen.query_one(Input).value = "other.md"
        await at.press("enter")
        await at.until(lambda: at.text == "other")
        draft = at.app.writing.ghosting.draft
        assert at.engines.engine.documents == {draft: at.engines.engine.documents[draft]}
        assert at.engines.engine.documents[draft].text == "other"
