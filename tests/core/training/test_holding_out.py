"""What is held out: whole documents, rather those that nobody learnt before, in two halves."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from core.jobs import TrainingJob
from core.library.library import Library
from core.library.lineage import learnt_by
from core.reading.corpus import read_paths
from core.training.holding_out import LEAST_DIVIDED, halves, hold_out, knows
from core.training.store import _sources  # pyright: ignore[reportPrivateUsage]


def write(folder: Path, name: str) -> Path:
    path = folder / f"{name}.md"
    path.write_text(
        "\n\n".join(f"This is {name}, number {number}. " + f"{name} went on. " * 20 for number in range(6))
    )
    return path


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "abcdefghij":
        write(folder, name)
    return folder


def add(*sources: dict[str, Any], name: str = "mine") -> None:
    library = Library()
    folder = library.next_version(name)
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps({"format": 1, "trained_on": list(sources)}))
    library.make_current(name, int(folder.name))


def source(path: Path, **more: Any) -> dict[str, Any]:
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), **more}


def held_out(folder: Path, *, parent: str | None = None, seed: int = 0) -> set[str]:
    job = TrainingJob((str(folder),), "mine", "base", minutes=1.0, seed=seed)
    entry = Library().find(parent) if parent is not None else None
    learnt, out, _ = hold_out(job, read_paths([folder]), entry)
    assert len(learnt) + len(out) in (len(list(folder.iterdir())), len(list(folder.iterdir())) + 1)
    return {document.path.stem for document in out}


def test_what_the_version_in_use_learnt_is_not_held_out(notes: Path) -> None:
    first = held_out(notes)
    add(*(source(path, held_out=path.stem in first) for path in sorted(notes.iterdir())))
    new = [write(notes, name) for name in ("new1", "new2", "new3")]
    for seed in range(4):
        chosen = held_out(notes, seed=seed)
        assert chosen and chosen <= first | {path.stem for path in new}


def learn(folder: Path, *, name: str = "mine", parent: str | None = None) -> tuple[list[str], str]:
    """Add a version that learnt a folder as a training does; returns what it held out, and how."""
    job = TrainingJob((str(folder),), name, "base", minutes=1.0)
    corpus = read_paths([folder])
    entry = Library().find(parent) if parent is not None else None
    learnt, out, how = hold_out(job, corpus, entry)
    add(*_sources(corpus, learnt, out, entry, ()), name=name)
    assert not {document.text for document in learnt} & {document.text for document in out}
    return [document.text for document in out], how


def test_versions_that_learn_the_same_text_are_measured_on_the_same_text(notes: Path) -> None:
    first, _ = learn(notes)
    for parent in (None, "mine", "mine"):
        again, how = learn(notes, parent=parent)
        assert again == first
        assert how.startswith("what was held out before (") and "looks better" not in how


def test_the_end_of_a_text_stays_held_out_too(tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text(
        "\n\n".join(f"Paragraph {n}. " + "It went on. " * 20 for n in range(99))
    )
    first, how = learn(tmp_path)
    assert how == "the end of book.md"
    assert [learn(tmp_path, parent="mine")[0] for _ in range(2)] == [first, first]


def test_what_is_new_is_measured_beside_what_was_held_out(notes: Path) -> None:
    first, _ = learn(notes)
    for name in ("new1", "new2", "new3", "new4"):
        write(notes, name)
    both, how = learn(notes, parent="mine")
    assert both[: len(first)] == first and len(both) > len(first)
    assert all("new" in text for text in both[len(first) :])
    assert "of what is new" in how
    assert learn(notes, parent="mine")[0] == sorted(both, key=lambda text: text.split()[2])


def test_a_file_that_was_learnt_and_changed_since_is_not_measured_on(notes: Path) -> None:
    first, _ = learn(notes)
    for each in learnt_by(Library().find("mine")):
        if not each.get("held_out"):
            path = Path(each["path"])
            path.write_text(path.read_text() + "\n\nAnd more of it. " * 5)
    assert learn(notes, parent="mine")[0] == first


def test_where_the_parent_has_learnt_all_of_it_that_is_said(notes: Path) -> None:
    add(*(source(path) for path in sorted(notes.iterdir())))
    assert learn(notes, name="other", parent="mine")[1].endswith("before looks better than it is")
    assert not learn(notes, name="another")[1].endswith("before looks better than it is")


def test_whether_a_version_knows_what_is_held_out(notes: Path) -> None:
    learn(notes)
    first = learnt_by(Library().find("mine"))
    measured = {each["path"] for each in first if each.get("held_out")}
    assert not knows(Library().find("mine"), measured, first)
    assert knows(Library().find("mine"), {each["path"] for each in first} - measured, first)


def test_the_same_of_a_parent(notes: Path) -> None:
    add(*(source(path) for path in sorted(notes.iterdir()) if path.stem not in "cg"), name="parent")
    assert held_out(notes, parent="parent") <= {"c", "g"}


def test_where_all_was_learnt_before_it_is_chosen_as_ever(notes: Path) -> None:
    before = held_out(notes)
    add(*(source(path) for path in sorted(notes.iterdir())))
    assert held_out(notes) == before


def test_a_changed_file_is_new(notes: Path) -> None:
    add(*(source(path) for path in sorted(notes.iterdir())))
    for name in "bde":
        (notes / f"{name}.md").write_text((notes / f"{name}.md").read_text() + "\n\nAnd more of it. " * 5)
    assert held_out(notes) <= set("bde")


def test_both_halves_are_whole_and_about_as_long() -> None:
    texts = [
        f"{name} begins.\n\n" + f"A paragraph of {name}. " * 20 + "\n\nAnd it ends." for name in "abcdefg"
    ]
    first, second = halves(texts)
    assert abs(sum(map(len, first)) - sum(map(len, second))) < max(map(len, texts))
    assert "".join("".join([*first, *second]).split()) == "".join("".join(texts).split())


def test_one_text_is_divided_where_a_paragraph_begins() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 30 for number in range(40))
    (first,), (second,) = halves([text])
    assert second.startswith("Paragraph")
    assert first + "\n\n" + second == text


@pytest.mark.parametrize(
    "texts", [["short"], ["a" * (LEAST_DIVIDED - 1)], ["\n" * 5000], ["x" * 2000 + "\n" * 4000]]
)
def test_text_that_cannot_be_divided_is_both(texts: list[str]) -> None:
    first, second = halves(texts)
    assert first and second
    assert all(part.strip() for part in first) or first == texts
