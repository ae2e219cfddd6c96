"""Training, whole: from texts to a model in the library, stopped, abandoned, resumed, fine-tuned."""

import json
import math
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.errors import UserError
from core.events import CorpusRead, Finished, HeldOut, Proving, Sample, Step, TrainingEvent
from core.library.library import Library
from core.paths import models_folder, training_folder
from core.prediction.predictor import Predictor
from core.training.pipeline import MEASURES, PATIENCE, Abandoned, NothingLearnt, train
from core.training.store import RunFolder
from core.training.talk import Control
from models.checkpoint import load_checkpoint
from tests.core.training.runs import job_for, remembered


def losses(events: list[TrainingEvent]) -> list[tuple[int, float]]:
    return [(event.step, event.loss) for event in events if isinstance(event, HeldOut)]


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.pipeline.REPORT_SECONDS", 0.0)
    monkeypatch.setattr("core.training.finishing.TYPED_CHARACTERS", 40)


@pytest.mark.parametrize("level", ["char", "word", "subword"])
def test_from_nothing_to_a_model_that_knows_its_text(book: Path, level: str) -> None:
    events: list[TrainingEvent] = []
    job = job_for(book, level=level, vocabulary=400, epochs=6.0, layers=2, residual=1)
    finished = train(job, events.append)

    measured = [event.bits_per_character for event in events if isinstance(event, HeldOut)]
    assert measured[-1] < measured[0]
    assert finished.bits_per_character == pytest.approx(min(measured), rel=0.05)
    read = next(event for event in events if isinstance(event, CorpusRead))
    assert read.characters + read.held_out_characters <= len(book.read_text())
    steps = [event for event in events if isinstance(event, Step)]
    assert steps[-1].fraction <= 1
    assert all(event.tokens_per_second > 0 for event in steps)
    samples = [event for event in events if isinstance(event, Sample)]
    assert {event.temperature for event in samples} == {0.3, 0.7, 1.0}

    entry = Library().find("mine")
    assert Path(finished.folder) == entry.folder
    checkpoint = load_checkpoint(entry.folder)
    assert checkpoint.tokenizer.level == level
    assert (checkpoint.model.config.layers, checkpoint.model.config.residual) == (2, 1)
    assert checkpoint.card["trained_on"][0]["path"] == str(book)
    assert checkpoint.card["held_out"]["bits_per_character"] == pytest.approx(
        finished.bits_per_character, abs=1e-4
    )
    assert not RunFolder.of("mine").path.exists()


def after_steps(count: int, then: Callable[[], None]) -> Callable[[TrainingEvent], None]:
    def report(event: TrainingEvent) -> None:
        if isinstance(event, Step) and event.step == count:
            then()

    return report


def test_a_run_left_and_resumed_gives_the_same_measures(book: Path) -> None:
    whole: list[TrainingEvent] = []
    expected = train(job_for(book, dropout=0.3), whole.append)

    control = Control()
    events: list[TrainingEvent] = []
    stop = after_steps(37, lambda: control.stop(abandon=True))
    with pytest.raises(Abandoned):
        train(
            job_for(book, name="again", dropout=0.3),
            lambda event: (events.append(event), stop(event)),
            control,
        )
    assert RunFolder.of("again").state.exists()
    assert "again" not in Library().names()
    finished = train(job_for(book, name="again", minutes=9.0), events.append, resume=True)

    assert losses(events) == losses(whole)
    assert finished.bits_per_character == expected.bits_per_character


def test_stopping_keeps_the_best_so_far(book: Path) -> None:
    control = Control()
    finished = train(job_for(book, epochs=500.0), after_steps(30, control.stop), control)
    assert finished.stopped
    assert Library().find("mine").card["steps"] <= 30


def test_pausing_stands_still_until_resumed(book: Path) -> None:
    control = Control()
    kinds: list[str] = []

    def report(event: TrainingEvent) -> None:
        kinds.append(type(event).__name__)
        if isinstance(event, Step) and event.step == 5:
            control.pause()
        if kinds[-1] == "Paused":
            control.resume()

    train(job_for(book), report, control)
    at = kinds.index("Paused")
    assert kinds[at + 1] == "Resumed"
    assert "Step" in kinds[at:]


@pytest.mark.parametrize(("cycles", "waits"), [(1, PATIENCE), (4, PATIENCE + MEASURES // 4)])
def test_it_ends_early_when_held_out_loss_rises(tmp_path: Path, cycles: int, waits: int) -> None:
    generator = random.Random(1)
    path = tmp_path / "noise.txt"  # nothing in it can be learnt but by heart
    path.write_text("\n\n".join("".join(generator.choices("abcdefgh ", k=250)) for _ in range(10)))
    events: list[TrainingEvent] = []
    job = job_for(path, epochs=100.0, hidden=64, dropout=0.0, learning_rate=0.02, cycles=cycles)
    finished = train(job, events.append)

    measures = losses(events)
    best = min(measures, key=lambda measure: measure[1])
    assert not finished.stopped
    assert best == measures[-1 - waits]
    assert Library().find("mine").card["steps"] == best[0]
    assert max(event.fraction for event in events if isinstance(event, Step)) < (0.9 if cycles == 1 else 1)


def test_fine_tuning_starts_where_its_parent_ended(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.anchor.LIMIT", 100.0)  # the other text is nothing like the parent's
    train(job_for(book), lambda _: None)
    other = tmp_path / "other.txt"
    other.write_text(
        "\n\n".join(" ".join(random.Random(n).choices(["zig", "zag", "zog"], k=50)) for n in range(40))
    )
    finished = train(job_for(other, name="tuned", parent="mine", level="word", hidden=99), lambda _: None)

    assert finished.bits_per_character_before is not None
    assert finished.bits_per_character < finished.bits_per_character_before
    assert finished.became_current
    card = Library().find("tuned").card
    assert card["parent"] == "mine"
    assert card["level"] == "char"
    assert card["config"]["hidden"] == 24


def test_what_a_parent_needs_is_measured_once_and_losses_are_told_in_bits(book: Path) -> None:
    train(job_for(book), lambda _: None)
    events: list[TrainingEvent] = []
    train(job_for(book, name="child", parent="mine"), events.append)
    told = [event for event in events if isinstance(event, HeldOut | Step)]
    assert isinstance(told[0], HeldOut) and told[0].step == 0
    second = next(index for index, event in enumerate(told) if isinstance(event, HeldOut) and event.step > 0)
    assert told[second - 1].fraction >= 1 / MEASURES
    read = next(event for event in events if isinstance(event, CorpusRead))
    for step in (event for event in told if isinstance(event, Step)):
        assert step.bits_per_character == pytest.approx(
            step.loss / math.log(2) * read.tokens / read.characters
        )


def test_a_model_that_is_not_better_is_not_made_current(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(job_for(book, epochs=8.0), lambda _: None)
    train(job_for(book, name="next", parent="mine", epochs=1.0), lambda _: None)
    current = Library().find("next").version
    monkeypatch.setattr("core.training.proof.Proof.better", False)
    finished: Finished = train(job_for(book, name="next", parent="mine", epochs=1.0), lambda _: None)
    assert not finished.became_current
    assert Library().find("next").version == current


def test_a_held_out_file_is_not_learnt_from(book: Path, tmp_path: Path) -> None:
    held_out = tmp_path / "valid.txt"
    held_out.write_text("the cat saw the sea. " * 30)
    events: list[TrainingEvent] = []
    train(job_for(tmp_path, held_out=str(held_out), epochs=1.0), events.append)
    read = next(event for event in events if isinstance(event, CorpusRead))
    assert read.files == 1
    assert read.held_out_characters == len(held_out.read_text().strip())


def test_what_is_stopped_before_its_first_update_makes_no_model(book: Path) -> None:
    control = Control()

    def stop(event: TrainingEvent) -> None:
        if isinstance(event, CorpusRead):
            control.stop()

    with pytest.raises(NothingLearnt):
        train(job_for(book), stop, control)
    assert "mine" not in Library().names()
    assert not RunFolder.of("mine").path.exists()


def _left(book: Path, **changes: object) -> RunFolder:
    """Leave a run after some steps, to be resumed."""
    control = Control()
    with pytest.raises(Abandoned):
        train(job_for(book, **changes), after_steps(3, lambda: control.stop(abandon=True)), control)
    return RunFolder.of("mine")


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_damaged_state_is_said_in_one_line_and_stays(book: Path, damage: str) -> None:
    folder = _left(book)
    whole = folder.state.read_bytes()
    if damage == "other":
        save_file({"state.0": torch.zeros(1)}, folder.state)  # sound, and of nothing that was saved here
    else:
        folder.state.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"")
    with pytest.raises(UserError, match="the unfinished training of 'mine' is damaged: train anew"):
        train(job_for(book), lambda _: None, resume=True)
    assert folder.state.exists()


def test_a_state_of_other_settings_is_said_in_one_line(book: Path) -> None:
    folder = _left(book)
    job = json.loads((folder.path / "job.json").read_text())
    (folder.path / "job.json").write_text(json.dumps({**job, "seed": 9}))
    with pytest.raises(UserError, match="begun with other settings"):
        train(job_for(book), lambda _: None, resume=True)


def test_nothing_to_resume_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no unfinished training of 'mine'"):
        train(job_for(tmp_path), lambda _: None, resume=True)


def test_too_little_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("short")
    with pytest.raises(UserError, match=r"short\.txt.*at least"):
        train(job_for(path), lambda _: None)


def test_a_memory_beside_the_network_is_counted_measured_and_inherited(book: Path) -> None:
    job = job_for(book, level="subword", vocabulary=400, memory=500, epochs=3.0)
    finished = train(job, lambda _: None)
    card = Library().find("mine").card
    assert card["held_out"]["bits_per_character"] == pytest.approx(finished.bits_per_character, abs=1e-4)
    assert finished.bits_per_character < card["held_out"]["network_alone"]
    mixture = load_checkpoint(finished.folder).mixture
    assert mixture is not None
    assert 0 < mixture.memory.entries <= 700

    child = train(job_for(book, name="child", parent="mine", epochs=1.0), lambda _: None)
    inherited = load_checkpoint(child.folder).mixture
    assert inherited is not None
    assert inherited.gate.as_json() == mixture.gate.as_json()
    assert child.bits_per_character_before == pytest.approx(finished.bits_per_character, rel=0.1)


@contextmanager
def a_full_disk(largest: int) -> Iterator[None]:
    """Have the system refuse to make files larger than this: a disk that is full, as libraries see it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("largest", [500, 3_000, 30_000])  # the tokens, the tokenizer, the weights
def test_a_full_disk_is_one_line_and_leaves_nothing(book: Path, largest: int) -> None:
    job = job_for(book, epochs=0.1, hidden=64)
    with (
        a_full_disk(largest),
        pytest.raises(UserError, match=r"^no space left on the disk of .*mine.* and try again$"),
    ):
        train(job, lambda event: None)
    assert list(training_folder().iterdir()) == []
    assert list(models_folder().iterdir()) == []


def test_a_state_that_cannot_be_saved_leaves_the_one_before(book: Path) -> None:
    control, events = Control(), list[TrainingEvent]()

    def leave(event: TrainingEvent) -> None:
        events.append(event)
        if isinstance(event, Step):
            control.stop(abandon=True)

    with pytest.raises(Abandoned):
        train(job_for(book), leave, control)
    folder = RunFolder.of("mine")
    before = folder.state.read_bytes()
    control = Control()
    with a_full_disk(1000), pytest.raises(UserError, match=r"^no space left on the disk of .*mine"):
        train(job_for(book), leave, control, resume=True)
    assert folder.state.read_bytes() == before
    assert not list(folder.path.glob("*.partial"))


def test_a_memory_alone_leaves_the_network_as_it_is_and_never_has_what_is_held_out(
    book: Path, folder_of_notes: Path
) -> None:
    train(job_for(book, name="parent", level="subword", vocabulary=400), lambda _: None)
    events: list[TrainingEvent] = []
    job = job_for(folder_of_notes, parent="parent", epochs=None, minutes=0.0)
    finished = train(job, events.append)
    assert not any(isinstance(event, Step | HeldOut) for event in events)
    assert any(isinstance(event, Proving) for event in events)
    card = Library().find("mine").card
    held_out = {Path(source["path"]).stem for source in card["trained_on"] if source.get("held_out")}
    learnt = set("abcdefgh") - held_out
    assert held_out and set(remembered(finished.folder)) == learnt | {"book"}
    parent = Library().find("parent").folder
    assert (Path(finished.folder) / "model.safetensors").samefile(parent / "model.safetensors")
    assert all(source["weights"] is False for source in card["trained_on"] if not source.get("from_parent"))
    assert card["paths"] == [str(book), str(folder_of_notes)]
    assert (card["parent"], card["parent_version"]) == ("parent", 1)
    assert card["held_out"]["keys_saved"] == finished.keys_saved
    assert card["held_out"]["keys_saved_before"] == finished.keys_saved_before is not None


def test_versions_of_a_folder_are_measured_on_what_none_of_them_has_learnt(
    book: Path, folder_of_notes: Path
) -> None:
    train(job_for(book, name="parent", level="subword", vocabulary=400), lambda _: None)
    job = job_for(folder_of_notes, parent="parent", epochs=None, minutes=0.0)
    first = train(job, lambda _: None)
    again = train(replace(job, seed=3), lambda _: None)
    onwards = train(replace(job, parent="mine"), lambda _: None)
    assert again.bits_per_character_before == first.bits_per_character_before
    assert onwards.bits_per_character_before == Library().find("mine").card["held_out"]["bits_per_character"]
    cards = [version.card for version in Library().history("mine")]
    held_out = [{source["path"] for source in card["trained_on"] if source.get("held_out")} for card in cards]
    assert held_out[0] and held_out == [held_out[0]] * 3
    for version in Library().history("mine"):
        assert not {Path(path).stem for path in held_out[0]} & set(remembered(version.folder))


def test_a_tuned_network_stands_where_it_is_best_beside_the_memory(
    book: Path, folder_of_notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.anchor.LIMIT", 100.0)
    train(job_for(book, name="parent", level="subword", vocabulary=400), lambda _: None)
    known: list[int] = []
    bits = iter(
        [5.0, 4.0, 3.0, 4.0, 4.0]
    )  # the parent's own, and then all of the way, three quarters of it, ...

    def measured(predictor: Predictor, texts: list[str]) -> float:
        known.append(len(predictor.personal.documents) if predictor.personal is not None else 0)
        assert "".join(texts)
        return next(bits)

    monkeypatch.setattr("core.training.finishing.texts_bits", measured)
    finished = train(job_for(folder_of_notes, parent="parent", epochs=1.0), lambda _: None)
    assert known == [len(remembered(finished.folder))] * 5
    assert Library().find("mine").card["held_out"]["share_of_tuning"] == 0.75


def test_left_while_it_is_proved_it_goes_on_to_the_same_end(book: Path) -> None:
    control = Control()

    def leave(event: TrainingEvent) -> None:
        if isinstance(event, Proving):
            control.stop(abandon=True)

    with pytest.raises(Abandoned):
        train(job_for(book), leave, control)
    assert Library().names() == ["base"]
    assert not [path for path in models_folder().rglob("*") if path.is_file()]
    finished = train(job_for(book), lambda _: None, resume=True)
    assert Library().find("mine").card["steps"] > 0
    assert finished.keys_saved is not None


def test_the_version_in_use_stays_where_it_does_better_on_what_neither_learnt(
    book: Path, folder_of_notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.proof.NORMAL", 0.0)  # of so few words nothing is certain
    train(job_for(book, name="parent", level="subword", vocabulary=400), lambda _: None)
    job = job_for(folder_of_notes, parent="parent", epochs=None, minutes=0.0)
    good = train(job, lambda _: None)
    assert good.became_current
    # A version that remembers less of the same, and is measured on a document that the first was measured on too.
    sources = Library().find("mine").card["trained_on"]
    held_out = next(item["path"] for item in sources if item.get("held_out"))
    learnt = next(
        item["path"] for item in sources if not item.get("held_out") and not item.get("from_parent")
    )
    worse = job_for(Path(learnt), parent="parent", epochs=None, minutes=0.0, held_out=held_out)
    finished = train(worse, lambda _: None)
    assert not finished.became_current
    assert finished.better_version == 1
    assert Library().find("mine").version == 1
    assert Library().find("mine").versions == (1, 2)
