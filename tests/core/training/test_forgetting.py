"""What a model was made to forget: no training brings it back, and cards tell in whose weights it is."""

from pathlib import Path

import pytest

from core.errors import UserError
from core.library.learning import note_forgotten, take_back
from core.library.library import Library
from core.library.lineage import in_weights, learnt_by
from core.training.pipeline import train
from tests.core.training.jobs import job_for, remembered


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
