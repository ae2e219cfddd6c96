"""What a version remembers: what its parent did and what it learnt, never what it is measured on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.events import CorpusRead, TrainingEvent
from core.reading.corpus import TextDocument, read_paths
from core.training.remembering import fair, newest, remember, without
from core.training.store import prepare
from models.personal import Personal
from models.tokenizers import Level, Tokenizer
from tests.core.training.runs import job_for

WORDS = "The cat sat on the mat, and the dog sat on the cat. "


@pytest.fixture
def tokenizer(tokenizer_of: Callable[[Level], Tokenizer]) -> Tokenizer:
    return tokenizer_of("subword")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.md").write_text(f"This is {name}, of all the notes the {name}. " + WORDS * 8)
    return folder


def names(personal: Personal | None) -> list[str]:
    return [Path(document.path).stem for document in personal.documents] if personal is not None else []


@pytest.fixture
def build(notes: Path, tokenizer: Tokenizer) -> Callable[..., Personal]:
    def make(learnt: str, parent: Personal | None = None, unwanted: tuple[str, ...] = ()) -> Personal:
        corpus = read_paths([notes], least=1)
        documents = [document for document in corpus.documents if document.path.stem in learnt]
        paths = [str(notes / f"{name}.md") for name in unwanted]
        return remember(parent, documents, corpus.files, paths, tokenizer, folding=True)

    return make


def test_a_child_remembers_what_its_parent_did(build: Callable[..., Personal]) -> None:
    assert names(build("a")) == ["a"]
    child = build("bc", parent=build("a"))
    assert sorted(names(child)) == ["a", "b", "c"]
    assert sorted(names(build("b", parent=child, unwanted=("a", "c")))) == ["b"]


def test_a_folder_that_is_unwanted_takes_all_below_it(build: Callable[..., Personal], notes: Path) -> None:
    personal = build("abc")
    assert names(without(personal, [str(notes)])) == []
    assert without(personal, [str(notes / "a")]) is personal
    assert names(without(personal, [str(notes / "b.md"), "/elsewhere"])) == ["a", "c"]


def test_forgetting_is_never_having_known(build: Callable[..., Personal], notes: Path) -> None:
    forgot, never = without(build("abc"), [str(notes / "b.md")]), build("ac")
    assert forgot.phrases.tokens.tobytes() == never.phrases.tokens.tobytes()
    assert forgot.documents == never.documents


def test_a_parent_is_not_measured_on_what_it_remembers(
    build: Callable[..., Personal], notes: Path, tokenizer: Tokenizer
) -> None:
    parent = build("ab")
    held_out = [str(notes / "b.md")]
    child = build("ac", parent=parent, unwanted=("b",))
    assert names(fair(parent, child, held_out)) == ["a"]
    assert fair(None, child, held_out) is None
    assert fair(parent, child, [str(notes / "c.md")]) is parent

    # Held out in part: the parent knows of it what the child knows.
    corpus = read_paths([notes / "b.md"], least=1)
    start = [TextDocument(notes / "b.md", WORDS)]
    child = remember(parent, start, corpus.files, held_out, tokenizer, folding=True)
    compared = fair(parent, child, held_out)
    assert compared is not None
    assert sorted(names(compared)) == ["a", "b"]
    assert next(
        document.characters for document in compared.documents if document.path == held_out[0]
    ) == len(WORDS)


def test_of_very_much_text_the_files_changed_last_are_remembered(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age, name in enumerate("bca"):
        os.utime(notes / f"{name}.md", (1e9 - age, 1e9 - age))
    corpus = read_paths([notes], least=1)
    assert newest(corpus.documents, corpus.files) == corpus.documents
    size = corpus.documents[0].characters
    for room, expected in ((2 * size + 9, "bc"), (size, "b"), (1, "b")):
        monkeypatch.setattr("core.training.remembering.MOST_REMEMBERED", room)
        assert "".join(each.path.stem for each in newest(corpus.documents, corpus.files)) == expected


def test_that_not_all_is_remembered_is_said(folder_of_notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.remembering.MOST_REMEMBERED", 9_000)
    events: list[TrainingEvent] = []
    prepared = prepare(job_for(folder_of_notes, level="subword", vocabulary=400), events.append)
    (read,) = (event for event in events if isinstance(event, CorpusRead))
    count = len(prepared.personal.documents) if prepared.personal is not None else 0
    assert 0 < count < 7
    said = f"there is too much text for all of it: the {count} files that were changed last are in it"
    assert read.remarks[0] == ("memory", said)
