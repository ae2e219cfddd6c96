"""Learning while writing: only where it is on, at once for the memory, when nobody types for the weights."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from core import events
from core.errors import UserError
from core.events import TrainingEvent
from core.jobs import TrainingJob
from core.library.client import Learnt, Librarian
from core.library.learning import (
    ENOUGH,
    IDLE_SECONDS,
    forgotten_by,
    learning_of,
    note_forgotten,
    note_saved,
    turn,
)
from core.library.library import Library
from core.paths import training_folder
from core.protocol import LoadedModel
from core.settings import change_setting
from tests.tui.fakes import FakeTrainer
from tests.tui.seat import seat
from tui.flows.learning import BREATH_SECONDS, LearningWhileWriting, learning_job


@pytest.fixture(autouse=True)
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text("The light falls on the harbour. " * 40)
    folder = Library().next_version("mine")
    folder.mkdir()
    (folder / "model.json").write_text(json.dumps({"format": 1, "paths": [str(path), "/gone.md"]}))
    return path


class FakeLibrarian(Librarian):
    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self.learnt: list[tuple[str, Path]] = []
        self.fault = fault

    async def learn(self, name: str, file: Path) -> Learnt:
        if self.fault:
            raise UserError(self.fault)
        self.learnt.append((name, file))
        return Learnt(100, False)


class SlowLibrarian(Librarian):
    """Takes until it is told to go on, and says how many of it are at work."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.at_once = 0
        self.done: list[str] = []

    async def learn(self, name: str, file: Path) -> Learnt:
        self.at_once += 1
        assert self.at_once == 1
        await self.go_on.wait()
        self.at_once -= 1
        self.done.append(file.name)
        return Learnt(100, False)


@dataclass
class Writer:
    """The app, as learning sees it."""

    model_in_use: str = "mine"
    training_running: bool = False
    became: str | None = "0002"
    reloaded: list[str] = field(default_factory=list)
    jobs: list[TrainingJob] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def reload_model(self, name: str) -> None:
        self.reloaded.append(name)

    async def train(self, job: TrainingJob) -> str | None:
        self.jobs.append(job)
        return self.became

    def pause_training(self) -> None:
        self.told.append("pause")

    def go_on_training(self) -> None:
        self.told.append("go on")


class Quiet(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def notify(self, message: str, **_: Any) -> None:
        self.said.append(message)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    writer: Writer
    clock: Clock
    librarian: FakeLibrarian
    app: Quiet
    learning: LearningWhileWriting


@pytest.fixture
def desk() -> Desk:
    writer, clock, librarian, app = Writer(), Clock(), FakeLibrarian(), Quiet()
    learning = LearningWhileWriting(app, writer, clock)
    learning.make_librarian = lambda: librarian
    return Desk(writer, clock, librarian, app, learning)


async def test_nothing_is_learnt_unless_it_was_asked_for(desk: Desk, notes: Path) -> None:
    await desk.learning.saved(notes)
    note_saved("mine", str(notes), 10 * ENOUGH)
    desk.clock.now += 10 * IDLE_SECONDS
    await desk.learning.look()
    desk.writer.model_in_use = "base"
    await desk.learning.saved(notes)
    await desk.learning.look()
    assert not desk.librarian.learnt and not desk.writer.jobs


async def test_what_is_saved_is_remembered_at_once(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    await desk.learning.saved(notes)
    assert desk.librarian.learnt == [("mine", notes)]
    assert not desk.writer.reloaded  # the engine sees it, and another model may have been chosen meanwhile


async def test_what_cannot_be_learnt_is_said_once(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    desk.librarian.fault = "notes.md cannot be used: it is binary"
    await desk.learning.saved(notes)
    await desk.learning.saved(notes)
    assert desk.app.said == ["not learnt: notes.md cannot be used: it is binary"]
    assert not desk.writer.reloaded


async def test_the_weights_learn_when_there_is_enough_and_nobody_types(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    new = notes.with_name("new.md")
    new.write_text("New words. " * 100)
    note_saved("mine", str(new), ENOUGH)
    await desk.learning.look()
    assert not desk.writer.jobs  # somebody has just typed
    desk.clock.now += IDLE_SECONDS
    desk.writer.training_running = True
    await desk.learning.look()
    assert not desk.writer.jobs  # a training that the person began goes before
    desk.writer.training_running = False
    await desk.learning.look()
    (job,) = desk.writer.jobs
    assert (job.name, job.parent, job.paths) == ("mine", "mine", (str(notes), str(new)))
    assert not learning_of(Library().find("mine")).waiting
    await desk.learning.look()
    assert len(desk.writer.jobs) == 1


async def test_a_training_that_came_to_nothing_is_tried_again_only_later(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    note_saved("mine", str(notes), ENOUGH)
    desk.writer.became = None
    desk.clock.now += IDLE_SECONDS
    await desk.learning.look()
    await desk.learning.look()
    assert len(desk.writer.jobs) == 1
    assert learning_of(Library().find("mine")).waiting
    desk.clock.now += IDLE_SECONDS
    await desk.learning.look()
    assert len(desk.writer.jobs) == 2


async def test_what_is_saved_while_it_trains_is_learnt_the_next_time(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    note_saved("mine", str(notes), ENOUGH)
    desk.clock.now += IDLE_SECONDS

    async def train(job: TrainingJob) -> str | None:
        note_saved("mine", str(notes), 9_000)
        return "0002"

    desk.writer.train = train  # type: ignore[method-assign]
    await desk.learning.look()
    assert dict(learning_of(Library().find("mine")).waiting) == {str(notes): 9_000}


async def test_a_training_that_a_person_may_resume_is_left_alone(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    note_saved("mine", str(notes), ENOUGH)
    run = training_folder() / "mine"
    run.mkdir()
    (run / "job.json").write_text(json.dumps(TrainingJob((str(notes),), "mine", minutes=60).as_json()))
    for _ in range(2):
        desk.clock.now += IDLE_SECONDS
        await desk.learning.look()
    assert not desk.writer.jobs and run.exists()
    (said,) = desk.app.said
    assert said.startswith("mine does not learn by itself while a training of it is interrupted")
    shutil.rmtree(run)
    desk.clock.now += IDLE_SECONDS
    await desk.learning.look()
    assert desk.writer.jobs


async def test_it_stands_still_while_somebody_types(desk: Desk, notes: Path) -> None:
    turn("mine", on=True)
    note_saved("mine", str(notes), ENOUGH)
    desk.clock.now += IDLE_SECONDS
    told = desk.writer.told

    async def train(job: TrainingJob) -> str | None:
        desk.learning.typed()
        desk.learning.typed()
        await desk.learning.look()
        assert told == ["pause"]
        desk.clock.now += BREATH_SECONDS
        await desk.learning.look()
        return None

    desk.writer.train = train  # type: ignore[method-assign]
    await desk.learning.look()
    assert told == ["pause", "go on"]
    desk.learning.typed()
    assert told == ["pause", "go on"]


def test_without_any_file_left_there_is_no_training(notes: Path) -> None:
    notes.unlink()
    with pytest.raises(UserError):
        learning_job(Library().find("mine"), ("/gone too.md",))


def test_what_was_forgotten_or_excluded_is_not_learnt_again_by_itself(notes: Path) -> None:
    others = [notes.with_name(name) for name in ("gone.md", "diary.md", "kept.md")]
    for path in others:
        path.write_text("New words. " * 100)
    note_forgotten("mine", str(notes))
    note_forgotten("mine", str(others[0]))
    change_setting("exclude", ["diary.md"])
    job = learning_job(Library().find("mine"), map(str, others))
    assert job.paths == (str(others[2]),)
    assert set(forgotten_by("mine")) == {str(notes), str(others[0])}


async def test_saving_in_the_app_reaches_the_model(notes: Path, tmp_path: Path) -> None:
    turn("mine", on=True)
    librarian = FakeLibrarian()
    draft = tmp_path / "draft.md"
    async with seat(draft) as at:
        at.app.models.learning.make_librarian = lambda: librarian
        at.app.use_model("mine")
        await at.until(lambda: at.app.settings.model == "mine")
        await at.press("h", "i", "ctrl+s")
        await at.until(lambda: librarian.learnt)
    assert librarian.learnt == [("mine", draft)]


async def test_what_is_saved_quickly_is_remembered_one_after_the_other(notes: Path, tmp_path: Path) -> None:
    turn("mine", on=True)
    librarian = SlowLibrarian()
    async with seat() as at:
        at.app.models.learning.make_librarian = lambda: librarian
        at.app.use_model("mine")
        await at.until(lambda: at.app.settings.model == "mine")
        for name in ("one.md", "two.md", "two.md", "one.md"):  # of one.md, more may have been saved meanwhile
            at.app.models.saved(str(tmp_path / name))
            await at.pilot.pause()
        librarian.go_on.set()
        await at.until(lambda: len(librarian.done) == 3)
        await at.pilot.pause()
    assert librarian.done == ["one.md", "two.md", "one.md"]


async def test_what_was_saved_before_leaving_waits_where_it_is_not_remembered_yet(
    notes: Path, tmp_path: Path
) -> None:
    turn("mine", on=True)
    drafts = [tmp_path / "one.md", tmp_path / "two.md"]
    async with seat() as at:
        at.app.models.learning.make_librarian = SlowLibrarian
        at.app.use_model("mine")
        await at.until(lambda: at.app.settings.model == "mine")
        for draft in drafts:
            draft.write_text("New words.")
            at.app.models.saved(str(draft))
            await at.pilot.pause()
    assert learning_of(Library().find("mine")).waiting == {str(draft): 10 for draft in drafts}


async def test_a_model_that_was_chosen_while_another_learnt_is_not_taken_back() -> None:
    async with seat() as at:
        at.app.use_model("mine")
        await at.until(lambda: at.app.settings.model == "mine")
        engine, begun, go = at.engines.engine, list[str](), asyncio.Event()
        load, turns = engine.load, asyncio.Lock()

        async def one_after_the_other(name: str) -> LoadedModel:
            begun.append(name)
            async with turns:
                await go.wait()
                return await load(name)

        engine.load = one_after_the_other  # type: ignore[method-assign]
        at.app.use_model("base")
        await at.until(lambda: begun == ["base"])
        reloading = asyncio.create_task(at.app.models.reload_model("mine"))
        await at.pilot.pause()
        go.set()
        await reloading
        await at.until(lambda: at.app.settings.model == "base")
        assert engine.model == "base"
        await at.app.models.reload_model("mine")
        await at.app.models.reload_model("base")
        assert begun == ["base", "base"]


class EndlessTrainer(FakeTrainer):
    """Trains until it is closed."""

    async def start(self, job: TrainingJob) -> AsyncGenerator[TrainingEvent]:
        self.jobs.append(job)
        folder = training_folder() / job.name
        folder.mkdir()
        (folder / "job.json").write_text(json.dumps(job.as_json()))
        yield events.Step(1, 0.1, 3.0, 1.0, 0.001, 100.0, 60.0)
        await asyncio.Event().wait()


async def test_leaving_while_it_learns_by_itself_asks_nothing_and_leaves_nothing(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn("mine", on=True)
    note_saved("mine", str(notes), ENOUGH)
    monkeypatch.setattr("tui.flows.learning.IDLE_SECONDS", 0.0)
    monkeypatch.setattr("tui.flows.learning.BREATH_SECONDS", 0.0)
    trainer = EndlessTrainer([])
    async with seat(trainer=trainer) as at:
        at.app.use_model("mine")
        await at.until(lambda: at.app.settings.model == "mine")
        at.app.run_worker(at.app.models.learning.look())
        await at.until(lambda: trainer.jobs)
        await at.until(lambda: (training_folder() / "mine").exists())
        await at.press("ctrl+q")
    assert not list(training_folder().iterdir())
    assert learning_of(Library().find("mine")).waiting
