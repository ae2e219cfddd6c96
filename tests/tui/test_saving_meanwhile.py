"""While a draft is written, or a question about it stands, another may be shown: each keeps its own text."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.drafts.files import save_draft
from tests.tui.seat import Seat, seat


class Slow:
    """A disk that writes when it is told to."""

    def __init__(self) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()

    def save(self, *arguments: Any, **named: Any) -> Any:
        self.begun.set()
        self.goes_on.wait()
        return save_draft(*arguments, **named)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    slow = Slow()
    monkeypatch.setattr("tui.flows.keeping.save_draft", slow.save)
    yield slow
    slow.goes_on.set()


async def open_two(at: Seat, tmp_path: Path) -> tuple[Path, Path]:
    """Open a.md and b.md, both written in; a.md is shown."""
    one, two = tmp_path / "a.md", tmp_path / "b.md"
    for path in (one, two):
        path.write_text(path.stem)
        assert at.app.writing.flow.load(path)
        await at.press("x")
    await at.press("ctrl+pageup")
    assert at.text == "xa"
    return one, two


async def test_what_overwrites_a_file_is_its_own_draft(tmp_path: Path, disk: Slow) -> None:
    async with seat() as at:
        one, two = await open_two(at, tmp_path)
        one.write_text("theirs")
        await at.press("ctrl+s")
        await at.until(disk.begun.is_set)
        await at.press("ctrl+pagedown")
        assert at.text == "xb"
        disk.goes_on.set()
        await at.answer("overwrite")
        await at.until(lambda: one.read_text() == "xa")
        assert [draft.keeper.path for draft in at.app.writing.drafts.all] == [one, two]
        assert two.read_text() == "b"
        assert at.app.writing.keeper.unsaved


async def test_what_is_read_again_is_its_own_draft(tmp_path: Path, disk: Slow) -> None:
    async with seat() as at:
        one, _ = await open_two(at, tmp_path)
        one.write_text("theirs")
        await at.press("ctrl+s")
        await at.until(disk.begun.is_set)
        await at.press("ctrl+pagedown")
        disk.goes_on.set()
        await at.answer("reload")
        await at.answer("discard")
        assert at.text == "xb"
        await at.press("ctrl+pageup")
        assert at.text == "theirs"


async def test_the_draft_that_was_to_be_closed_is_closed(tmp_path: Path, disk: Slow) -> None:
    async with seat() as at:
        one, two = await open_two(at, tmp_path)
        await at.press("alt+w")
        await at.answer("save")
        await at.until(disk.begun.is_set)
        await at.press("ctrl+pagedown")
        disk.goes_on.set()
        await at.until(lambda: len(at.app.writing.drafts.all) == 1)
        assert at.app.writing.keeper.path == two
        assert at.text == "xb"
    assert one.read_text() == "xa"


async def test_what_is_typed_while_it_is_saved_to_be_closed_is_asked_about(
    tmp_path: Path, disk: Slow
) -> None:
    async with seat() as at:
        one, _ = await open_two(at, tmp_path)
        await at.press("alt+w")
        await at.answer("save")
        await at.until(disk.begun.is_set)
        await at.press("y")
        disk.goes_on.set()
        await at.answer("save")
        await at.until(lambda: len(at.app.writing.drafts.all) == 1)
    assert one.read_text() == "xya"


async def test_what_is_typed_while_another_is_saved_to_leave_is_asked_about(
    tmp_path: Path, disk: Slow
) -> None:
    async with seat() as at:
        one, two = await open_two(at, tmp_path)
        await at.press("ctrl+q")
        await at.answer("save")
        await at.until(disk.begun.is_set)
        disk.goes_on.set()
        await at.answer("cancel")  # asked about b.md
        await at.until(lambda: one.read_text() == "xa")
        disk.begun.clear()
        disk.goes_on.clear()
        await at.press("ctrl+q")
        await at.answer("save")
        await at.until(disk.begun.is_set)
        await at.press("ctrl+pageup", "z")
        disk.goes_on.set()
        await at.answer("save")
        await at.until(lambda: one.read_text() == "xza")
    assert two.read_text() == "xb"


async def test_marks_alone_are_text_to_lose(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("a")
    async with seat() as at:
        at.app.writing.editor.insert("→ ¯\\(x)/¯")
        marks = at.app.writing.drafts.current
        assert at.app.writing.flow.load(path)
        assert marks in at.app.writing.drafts.all
        at.app.writing.drafts.show(marks)
        at.app.writing.editor.clear()
        at.app.writing.editor.insert(" \n\n ")
        assert marks.keeper.blank
