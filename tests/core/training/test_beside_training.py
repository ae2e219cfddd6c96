"""What is forgotten and what is saved beside a training: it brings nothing back, loses nothing, and tells the truth."""

import json
from pathlib import Path

import pytest

from core.errors import UserError
from core.events import CorpusRead, HeldOut, TrainingEvent
from core.library.learning import note_forgotten, take_back, turn
from core.library.librarian import answer
from core.library.library import Library
from core.library.lineage import in_weights, learnt_by
from core.protocol import Request, Response
from core.training.pipeline import Abandoned, train
from core.training.talk import Control
from models.checkpoint import load_checkpoint
from tests.core.training.runs import job_for, remembered


@pytest.fixture(autouse=True)
def type_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.finishing.TYPED_CHARACTERS", 40)


def test_what_a_model_was_made_to_forget_no_folder_brings_back(book: Path, folder_of_notes: Path) -> None:
    train(job_for(book, name="parent", level="subword", vocabulary=400), lambda _: None)
    job = job_for(folder_of_notes, parent="parent", epochs=None, minutes=0.0)
    known = remembered(train(job, lambda _: None).folder)
    gone = next(name for name in known if name in "abcdefgh")
    note_forgotten("mine", str(folder_of_notes / f"{gone}.md"))
    assert gone not in remembered(train(job, lambda _: None).folder)
    named = job_for(folder_of_notes / f"{gone}.md", parent="parent", epochs=None, minutes=0.0)
    with pytest.raises(UserError, match="kept out as you asked"):  # the job does not say who named it
        train(named, lambda _: None)
    take_back(named.name, named.paths)
    assert gone in remembered(train(named, lambda _: None).folder)


def test_what_is_in_the_weights_stays_on_the_cards_of_their_children(folder_of_notes: Path) -> None:
    train(job_for(folder_of_notes, level="subword", vocabulary=400), lambda _: None)
    (first,) = Library().history("mine")
    note_forgotten("mine", min(in_weights(first)))
    # The network stays as it is, and other documents are held out.
    train(job_for(folder_of_notes, parent="mine", epochs=None, minutes=0.0, seed=7), lambda _: None)
    second = Library().history("mine")[1]
    assert in_weights(second) == in_weights(first)
    named = [source["path"] for source in learnt_by(second)]
    assert len(named) == len(set(named))


def test_what_is_saved_while_it_trains_is_remembered_by_the_new_version_too(folder_of_notes: Path) -> None:
    train(job_for(folder_of_notes, level="subword", vocabulary=400, epochs=0.1), lambda _: None)
    note_forgotten("mine", str(folder_of_notes / "b.md"))
    turn("mine", on=True)
    saved = {name: folder_of_notes.parent / f"{name}.md" for name in ("new", "gone", "early")}
    for path in saved.values():
        path.write_text(f"Zanzibar {path.stem} went to the sea. " * 9)
    answer(Request(1, "learn", {"model": "mine", "file": str(saved["early"])}))

    def save(event: TrainingEvent) -> None:
        if isinstance(event, CorpusRead):
            saved["early"].write_text("The end. " * 9)
            for path in saved.values():
                assert isinstance(answer(Request(1, "learn", {"model": "mine", "file": str(path)})), Response)
            saved["gone"].unlink()

    finished = train(job_for(folder_of_notes, parent="mine", epochs=None, minutes=0.0), save)
    assert {"new", "early"} <= set(remembered(finished.folder))
    assert not {"gone", "b"} & set(remembered(finished.folder))
    personal = load_checkpoint(finished.folder).personal
    assert personal is not None
    assert {Path(each.path).stem: each.characters for each in personal.documents}["early"] == 80


def test_a_training_of_a_model_that_was_renamed_goes_on(book: Path) -> None:
    train(job_for(book, epochs=0.5), lambda _: None)
    control = Control()

    def leave(event: TrainingEvent) -> None:
        if isinstance(event, HeldOut):
            control.stop(abandon=True)

    for name in ("mine", "other"):
        with pytest.raises(Abandoned):
            train(job_for(book, name=name, parent="mine", epochs=1.0), leave, control)
    Library().rename("mine", "yours")
    for name in ("yours", "other"):
        finished = train(job_for(book, name=name), lambda _: None, resume=True)
        card = json.loads((Path(finished.folder) / "model.json").read_text())
        assert (finished.name, card["parent"], card["job"]["parent"]) == (name, "yours", "yours")


def test_a_second_training_of_a_name_is_refused_and_the_first_goes_on(book: Path) -> None:
    def begin_another(event: TrainingEvent) -> None:
        for resume in (False, True):
            with pytest.raises(UserError, match=r"^a training of mine is under way in process \d+: wait"):
                train(job_for(book), lambda _: None, resume=resume)

    assert train(job_for(book, epochs=0.1), begin_another).became_current
    train(job_for(book, epochs=0.1), lambda _: None)
    assert Library().find("mine").versions == (1, 2)
