"""Choosing sources: marks in the tree, folders that stand for what they hold, the filter, and typed paths."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tui.widgets import file_picker
from tui.widgets.file_picker import FilePicker, Selection, SourceTree

ODD = "diary [b]\n\x1b[31m.txt"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    root = tmp_path / "notes"
    for name in ("letters/anna.md", "letters/ben.md", "letters/old/carl.md", "novel.txt", ODD, ".hidden"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    return root


class PickerApp(App[None]):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.changes = 0

    def compose(self) -> ComposeResult:
        yield FilePicker(self.root)

    @property
    def picker(self) -> FilePicker:
        return self.query_one(FilePicker)

    @property
    def tree(self) -> SourceTree:
        return self.query_one(SourceTree)

    @property
    def rows(self) -> list[str]:
        texts = [self.tree.render_line(y) for y in range(self.tree.size.height)]
        return [stripped for line in texts if (stripped := line.text.strip())]

    @property
    def summary(self) -> str:
        return str(self.query_one("#picked", Static).content)

    def names(self) -> list[str]:
        return [str(path.relative_to(self.root)) for path in self.picker.paths]

    def on_file_picker_changed(self) -> None:
        self.changes += 1


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app work until the condition holds; pytest's limit on time ends a wait in vain."""
    while not condition():
        await pilot.pause(0.01)


async def opened(app: PickerApp, pilot: Pilot[None]) -> None:
    await until(pilot, lambda: bool(app.tree.root.children))
    app.tree.focus()
    await pilot.pause()


def test_a_folder_stands_for_what_it_holds(notes: Path) -> None:
    selection = Selection()
    selection.toggle(notes / "letters/anna.md")
    assert selection.state(notes / "letters") == "some"
    selection.toggle(notes / "letters")
    assert selection.paths == {notes / "letters"}
    assert selection.state(notes / "letters/old/carl.md") == "all"
    selection.toggle(notes / "letters")
    assert selection.paths == set()


def test_what_is_taken_out_of_a_chosen_folder_leaves_the_rest(notes: Path) -> None:
    selection = Selection()
    selection.toggle(notes)
    selection.toggle(notes / "letters/old/carl.md")
    assert selection.paths == {
        notes / name for name in ("novel.txt", ODD, "letters/anna.md", "letters/ben.md")
    }


async def test_rows_are_marked_with_space_and_hidden_files_do_not_show(notes: Path) -> None:
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        assert ".hidden" not in "".join(app.rows)
        await pilot.press("down", "down", "down", "space")
        assert app.names() == ["novel.txt"]
        assert "[✓] novel.txt" in app.rows[3]
        assert app.rows[0].startswith("▾ [-]")
        assert app.summary == "1 chosen: novel.txt"
        await pilot.press("space")
        assert app.names() == []
        assert app.changes == 2


async def test_folders_open_and_are_chosen_as_a_whole(notes: Path) -> None:
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press("down", "right")
        await until(pilot, lambda: any("anna.md" in row for row in app.rows))
        await pilot.press("space")
        assert app.names() == ["letters"]
        assert sum("[✓]" in row for row in app.rows) == 4
        await pilot.press("right", "down", "space")
        assert app.names() == ["letters/ben.md", "letters/old"]
        await pilot.press("left", "left")
        assert not any("anna.md" in row for row in app.rows)
        await pilot.press("x")
        assert app.names() == []


async def test_odd_names_are_shown_as_they_are_on_one_line(notes: Path) -> None:
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press("down", "down", "space")
        assert any("[✓] diary [b]␊␛[31m.txt" in row for row in app.rows)
        assert app.names() == [ODD]
        assert "diary [b]␊␛[31m.txt" in app.summary
        assert "\x1b" not in "".join(app.rows)


async def test_what_cannot_be_read_says_so_and_is_not_chosen(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != "novel.txt" and access(path, mode)
    )
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press("down", "down", "down", "space")
        assert "[!] novel.txt  cannot be read" in app.rows[3]
        assert app.names() == []
        app.query_one(Input).value = str(notes / "novel.txt")
        app.query_one(Input).focus()
        await pilot.press("enter")
        assert app.names() == []
        assert "cannot be read" in app.summary


async def test_a_filter_narrows_the_tree(notes: Path) -> None:
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        app.query_one(Input).focus()
        await pilot.press(*"NOVEL")
        await until(pilot, lambda: len(app.tree.root.children) == 2)
        assert [str(node.label) for node in app.tree.root.children] == ["letters", "novel.txt"]
        await pilot.press("enter")
        assert app.focused is app.tree
        app.query_one(Input).value = ""
        await until(pilot, lambda: len(app.tree.root.children) == 3)


async def test_a_typed_path_is_chosen(notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        app.query_one(Input).focus()
        await pilot.press(*"~/notes/letters", "enter")
        assert app.names() == ["letters"]
        await pilot.press(*"novel.txt", "enter")
        assert app.names() == ["letters", "novel.txt"]
        assert app.query_one(Input).value == ""


async def test_a_typed_path_that_is_not_there_is_named(notes: Path) -> None:
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        app.query_one(Input).focus()
        await pilot.press(*"/no/[b]", "enter")
        assert app.summary == "/no/[b] is not there: check the path"
        assert app.names() == []


async def test_a_folder_of_very_many_files_shows_some_and_can_be_chosen(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_picker, "MOST", 2)
    app = PickerApp(notes)
    async with app.run_test() as pilot:
        await opened(app, pilot)
        assert len(app.tree.root.children) == 2
        assert "1 more not shown" in app.rows[0]
        await pilot.press("space")
        assert app.names() == ["."]


async def test_the_folder_above_is_one_key_away(notes: Path) -> None:
    app = PickerApp(notes / "letters")
    async with app.run_test() as pilot:
        await opened(app, pilot)
        await pilot.press("backspace")
        await until(pilot, lambda: any("novel.txt" in row for row in app.rows))
        assert app.tree.path == notes


async def test_a_root_that_is_gone_leaves_an_empty_tree(notes: Path) -> None:
    app = PickerApp(notes / "nothing here")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.names() == []
        assert app.summary.startswith("Nothing chosen")
