"""Learning while writing: off unless turned on, bounded by what was forgotten, and gone with its model."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UserError
from core.library.learning import (
    ENOUGH,
    FILE,
    Learning,
    forgotten_by,
    learning_of,
    note_forgotten,
    note_learnt,
    note_saved,
    take_back,
    turn,
)
from core.library.library import Library


@pytest.fixture(autouse=True)
def mine() -> Path:
    library = Library()
    folder = library.next_version("mine")
    folder.mkdir()
    (folder / "model.json").write_text('{"format": 1}')
    return folder.parent.parent


def state() -> Learning:
    return learning_of(Library().find("mine"))


def test_it_is_off_until_it_is_turned_on() -> None:
    assert state() == Learning()
    turn("mine", on=True)
    assert state().on
    turn("mine", on=False)
    assert not state().on
    for name in ("base", "nobody"):
        with pytest.raises(UserError):
            turn(name, on=True)


def test_a_version_or_a_folder_does_not_learn(mine: Path) -> None:
    turn("mine", on=True)
    assert learning_of(Library().find("mine")).on
    for other in ("mine@1", str(mine / "versions" / "0001")):
        assert learning_of(Library().find(other)) == Learning()


def test_what_is_saved_waits_until_it_is_enough() -> None:
    turn("mine", on=True)
    assert not note_saved("mine", "/a.md", ENOUGH - 1).enough
    assert not note_saved("mine", "/a.md", -500).enough
    assert note_saved("mine", "/b.md", 1).enough
    note_learnt("mine", {"/a.md": ENOUGH - 1, "/c.md": 7})
    assert dict(state().waiting) == {"/b.md": 1}
    turn("mine", on=False)
    assert not state().waiting


def test_what_is_saved_while_the_weights_learn_still_waits() -> None:
    note_saved("mine", "/a.md", ENOUGH)
    begun = state().waiting
    note_saved("mine", "/a.md", 9_000)
    note_saved("mine", "/b.md", 10)
    note_learnt("mine", begun)
    assert dict(state().waiting) == {"/a.md": 9_000, "/b.md": 10}


def test_what_was_forgotten_stays_so_until_it_is_named() -> None:
    note_saved("mine", "/notes/a.md", 100)
    note_forgotten("mine", "/notes/a.md")
    assert not state().waiting
    take_back("mine", ["/notes"])
    assert forgotten_by("mine") == ("/notes/a.md",)
    take_back("mine", ["/notes/b/../a.md"])
    assert forgotten_by("mine") == ()
    take_back("a new one", ["/notes"])
    assert forgotten_by("a new one") == ()


def test_it_moves_and_goes_with_the_model(mine: Path) -> None:
    turn("mine", on=True)
    assert (mine / FILE).stat().st_mode & 0o077 == 0
    Library().rename("mine", "yours")
    assert learning_of(Library().find("yours")).on
    Library().delete("yours")
    assert not mine.exists() and not mine.with_name("yours").exists()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"on": 1}', '{"forgotten": {}, "waiting": []}', '{"waiting": {"a": "b"}}', "[" * 9999],
)
def test_a_damaged_file_turns_nothing_on(mine: Path, text: str) -> None:
    (mine / FILE).write_text(text)
    assert state() == Learning()
    turn("mine", on=True)
    assert state().on


def test_a_disk_that_refuses_is_one_line(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turn("mine", on=True)
    refuse: Callable[..., None] = lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))  # noqa: E731
    monkeypatch.setattr("core.disk.os.replace", refuse)
    with pytest.raises(UserError, match="no space left"):
        turn("mine", on=False)
    assert json.loads((mine / FILE).read_text())["on"] is True
    assert sorted(path.name for path in mine.iterdir()) == [FILE, "versions"]


def test_changes_at_the_same_time_are_all_kept() -> None:
    def save(path: str) -> None:
        for _ in range(20):
            note_saved("mine", path, 1)

    others = [threading.Thread(target=save, args=(path,)) for path in ("/a.md", "/b.md")]
    for other in others:
        other.start()
    for _ in range(20):
        turn("mine", on=True)
    for other in others:
        other.join()
    assert dict(state().waiting) == {"/a.md": 20, "/b.md": 20}
