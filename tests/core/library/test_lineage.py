"""What a model and its ancestors have learnt, and where a training again without a file begins."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.library.learning import note_forgotten, note_saved
from core.library.library import Library
from core.library.lineage import (
    in_weights,
    known_files,
    learnt_by,
    remembered_by,
    source_path,
    weights_know,
    without,
)
from core.settings import change_setting


def add(name: str, *sources: dict[str, Any], **card: Any) -> int:
    library = Library()
    folder = library.next_version(name)
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps({"format": 1, "trained_on": list(sources), **card}))
    library.make_current(name, int(folder.name))
    return int(folder.name)


def source(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "characters": 10, "sha256": "", "modified": "", **more}


def test_a_file_is_found_by_its_path_or_its_name_alone() -> None:
    add("mine", source("/notes/a.md"), source("/notes/b.md"))
    add("mine", source("/old/b.md"))
    entry = Library().find("mine")
    assert source_path(entry, "/notes/b.md") == "/notes/b.md"
    assert source_path(entry, "a.md") == "/notes/a.md"
    with pytest.raises(UserError, match=r"several files called b\.md"):
        source_path(entry, "b.md")
    with pytest.raises(UserError, match=r"has learnt nothing of c\.md"):
        source_path(entry, "c.md")


def test_what_was_kept_in_another_form_is_the_same_file() -> None:
    add("mine", source("/x/../notes/a.md"), source("/notes/a.md", held_out=True))
    entry = Library().find("mine")
    assert source_path(entry, "/notes/b/../a.md") == "/notes/a.md"
    assert weights_know(entry, "/notes/a.md")


def test_what_only_waits_to_be_learnt_is_known_too() -> None:
    add("mine", source("/notes/a.md"))
    note_saved("mine", "/drafts/d.md", 5)
    entry = Library().find("mine")
    assert known_files(entry) == ["/drafts/d.md", "/notes/a.md"]
    assert source_path(entry, "d.md") == "/drafts/d.md"


def memory(header: str) -> bytes:
    return len(header).to_bytes(8, "little") + header.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 64,
        memory("{}"),
        memory("[]"),
        memory("[" * 9999),
        memory('{"__metadata__": {"documents": "[{\\"path\\": 3}]"}}'),
    ],
)
def test_a_memory_that_cannot_be_read_remembers_nothing(data: bytes) -> None:
    add("mine", source("/a"))
    entry = Library().find("mine")
    assert remembered_by(entry) == {}
    (entry.folder / "personal.safetensors").write_bytes(data)
    assert remembered_by(entry) == {}
    (entry.folder / "personal.safetensors").write_bytes(
        memory(json.dumps({"__metadata__": {"documents": json.dumps([{"path": "/x/../b", "sha256": "ab"}])}}))
    )
    assert known_files(entry) == ["/a", "/b"]


def test_a_card_that_says_nonsense_has_learnt_nothing() -> None:
    add("mine", source("/a"), {"path": 3}, {}, trained_on={"a": 1})
    assert learnt_by(Library().find("mine")) == []


def test_what_was_held_out_or_only_remembered_is_not_in_the_weights() -> None:
    add("mine", source("/a"), source("/b", held_out=True), source("/c", weights=False))
    entry = Library().find("mine")
    assert [weights_know(entry, path) for path in ("/a", "/b", "/c", "/d")] == [True, False, False, False]


def test_weights_know_what_those_that_they_go_on_from_learnt() -> None:
    add(
        "mine",
        source("/b", held_out=True, parent_learnt=True),
        source("/c", weights=False, parent_learnt=True),
    )
    assert in_weights(Library().find("mine")) == {"/b", "/c"}


@pytest.fixture
def notes(tmp_path: Path) -> tuple[str, str, str]:
    folder = tmp_path / "notes"
    folder.mkdir()
    diary = tmp_path / "diary.md"
    for path in (folder / "a.md", diary):
        path.write_text("text")
    return str(folder), str(folder / "a.md"), str(diary)


def test_training_again_begins_at_the_nearest_ancestor_that_never_saw_the_file(
    notes: tuple[str, str, str],
) -> None:
    folder, first, diary = notes
    add("mine", source(first), parent="base", paths=[folder])
    add(
        "mine",
        source(first, from_parent=True),
        source(diary),
        parent="mine",
        parent_version=1,
        paths=[folder, diary],
    )
    job = {"paths": [diary], "name": "mine", "parent": "mine", "minutes": 3.0, "learning_rate": 0.001}
    add("mine", source(diary), parent="mine", parent_version=2, paths=[folder, diary], job=job)

    again = without("mine", diary)
    assert again.stained == (2, 3)
    assert again.job.parent == "mine@1"
    assert again.job.paths == (folder,)
    assert again.job.exclude == (diary,)
    assert (again.job.minutes, again.job.learning_rate) == (3.0, 0.001)
    assert without("mine", first).job.parent == "base"


def test_training_again_brings_back_nothing_else_that_was_forgotten_or_excluded(
    notes: tuple[str, str, str], tmp_path: Path
) -> None:
    folder, first, diary = notes
    letter, kept = str(tmp_path / "letter.md"), str(tmp_path / "kept.md")
    for path in (letter, kept):
        Path(path).write_text("text")
    paths = [folder, first, diary, letter, f"{tmp_path}/x/../kept.md"]
    add("mine", *map(source, (first, diary, letter)), parent="base", paths=paths)
    note_forgotten("mine", first)
    change_setting("exclude", ["letter.md"])
    assert without("mine", diary).job.paths == (folder, kept)


def test_an_ancestor_that_is_gone_or_its_own_is_replaced_by_the_base_model(
    notes: tuple[str, str, str],
) -> None:
    folder, _, diary = notes
    add("mine", source(diary), parent="gone", parent_version=1, paths=[folder])
    assert without("mine", diary).job.parent == "base"
    add("mine", source(diary), parent="mine", parent_version=2, paths=[folder])
    assert without("mine", diary).job.parent == "base"
    add("fresh", source(diary), parent=None, paths=[folder])
    assert without("fresh", diary).job.parent is None


def test_without_any_other_file_there_is_no_training_again(
    notes: tuple[str, str, str], tmp_path: Path
) -> None:
    _, _, diary = notes
    add("mine", source(diary), parent="base", paths=[diary, str(tmp_path / "gone.md")])
    with pytest.raises(UserError, match="nothing else that it was trained on"):
        without("mine", diary)
