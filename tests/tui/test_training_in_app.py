"""Training from within the app: to a model that is then used, resumed when interrupted, and kept when one leaves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from textual.widgets import Button, Static
from textual.widgets._toast import Toast

from core import paths
from core.events import Finished, Step
from core.jobs import TrainingJob
from core.library.learning import forgotten_by, note_forgotten
from core.library.library import Library
from tests.tui.fakes import FakeTrainer
from tests.tui.seat import seat
from tui.screens.dialogs import Question
from tui.widgets.training_view import TrainingView


async def test_training_ends_in_a_model_that_is_then_used() -> None:
    job = TrainingJob(paths=("alice.txt",), name="mine", minutes=1)
    trainer = FakeTrainer(
        [
            Step(1, 0.5, 2.0, 0.7, 1e-3, 5000.0, 30.0),
            Finished("mine", "/somewhere", 1.55, 1.72, 1.0, stopped=False, became_current=True),
        ]
    )
    async with seat(trainer=trainer) as at:
        at.app.post_message(TrainingView.Start(job))
        await at.until(lambda: at.notices)
        assert at.notices[0].startswith("mine is trained: 1.72 → 1.55 bits per character on held-out text")
        assert trainer.jobs == [job]
        assert at.app.writing.status.status.training is None
        at.app.post_message(TrainingView.UseModel("mine"))
        await at.until(lambda: at.app.settings.model == "mine")
        await at.press(*"forgot")
        assert at.app.writing.editor.ghost
        assert at.notices[-1] == "mine suggests from here on."
        await at.until(lambda: str(at.app.screen.query_one("#use", Button).label) == "In use")


async def test_what_is_named_in_the_train_tab_may_be_learnt_again() -> None:
    folder = Library().next_version("mine")
    folder.mkdir()
    (folder / "model.json").write_text('{"format": 1}')
    for path in ("/notes/a.md", "/notes/b.md"):
        note_forgotten("mine", path)
    trainer = FakeTrainer([])
    async with seat(trainer=trainer) as at:
        at.app.post_message(TrainingView.Start(TrainingJob(paths=("/notes/a.md",), name="mine", minutes=1)))
        await at.until(lambda: trainer.jobs)
    assert forgotten_by("mine") == ("/notes/b.md",)


@pytest.mark.parametrize(("used", "stays"), [("base", "base stays"), ("mine", "mine, version 1, stays")])
async def test_a_training_that_did_not_help_is_not_praised(used: str, stays: str) -> None:
    for _ in range(2):
        folder = Library().next_version("mine")
        folder.mkdir()
        (folder / "model.json").write_text("{}")
    Library().make_current("mine", 1)
    finished = Finished("mine", "/0002", 1.5, 1.48, 1.0, stopped=False, became_current=False)
    async with seat(trainer=FakeTrainer([finished])) as at:
        await at.app.load_model(used, quiet=True)
        at.app.action_tab("train")
        at.app.post_message(TrainingView.Start(TrainingJob(("a.txt",), "mine", minutes=1)))
        await at.until(lambda: at.notices)
        measured = "1.48 → 1.50 bits per character on held-out text"
        assert at.notices == [f"mine is trained, but not seen to be better: {measured}. {stays} in use."]
        await at.until(lambda: at.app.screen.query(Toast))
        await at.pilot.pause()
        toast = at.app.screen.query_one(Toast).region
        assert toast.area and not toast.overlaps(
            at.app.writing.panel.region
        )  # whose result and samples it is about


def interrupted(name: str) -> Path:
    """What a training run leaves that was ended before it was done."""
    folder = paths.training_folder() / name
    folder.mkdir()
    (folder / "job.json").write_text(
        json.dumps(TrainingJob(paths=("a.txt",), name=name, minutes=9).as_json())
    )
    return folder


async def test_an_interrupted_training_is_resumed_from_the_train_tab() -> None:
    folder = interrupted("mine [x]")
    (paths.training_folder() / "damaged").mkdir()
    (paths.training_folder() / "damaged" / "job.json").write_text("{")
    finished = Finished("mine [x]", "/somewhere", 1.55, 1.72, 1.0, stopped=False, became_current=True)
    trainer = FakeTrainer([Step(9, 0.5, 2.0, 0.7, 1e-3, 5000.0, 30.0), finished])
    async with seat(trainer=trainer) as at:
        at.app.action_tab("train")
        button = at.app.screen.query_one("#resume-run", Button)
        await at.until(lambda: button.region.area)
        assert str(button.label) == "Resume mine [x]"
        shutil.rmtree(folder)  # as the trainer does at the end
        button.press()
        await at.until(lambda: at.notices)
        assert at.notices[0].startswith("mine [x] is trained")
        assert (trainer.resumed, trainer.jobs) == ([str(folder)], [])
        at.app.screen.query_one("#again", Button).press()
        await at.until(lambda: at.app.screen.query_one("#training-start").region.area)
        assert not button.region.area


async def test_a_training_that_was_left_is_offered_and_can_be_discarded() -> None:
    async with seat(trainer=FakeTrainer([])) as at:
        at.app.action_tab("train")
        await at.pilot.pause()
        button = at.app.screen.query_one("#resume-run", Button)
        assert not button.region.area
        folder = interrupted("mine")  # by another Foretype, say
        at.app.action_tab("suggest")
        await at.pilot.pause()
        at.app.action_tab("train")
        await at.until(lambda: button.region.area)
        at.app.screen.query_one("#discard-run", Button).press()
        await at.answer("cancel")
        assert folder.exists()
        at.app.screen.query_one("#discard-run", Button).press()
        await at.answer("discard")
        await at.until(lambda: not folder.exists())
        await at.until(lambda: not button.region.area)
        assert at.app.screen.focused is not None


@pytest.mark.parametrize(
    ("begun", "line"), [(False, "started anew"), (True, "is kept: Resume, in the Train tab")]
)
async def test_leaving_while_a_model_is_trained_says_what_is_kept(begun: bool, line: str) -> None:
    async with seat() as at:
        at.app.training._trainer = FakeTrainer([])
        at.app.training.begun = begun
        await at.press("ctrl+q")
        await at.until(lambda: isinstance(at.app.screen, Question))
        assert line in str(at.app.screen.query_one(".dialog-text", Static).content)
        await at.answer("stay")
        assert at.app.is_running
        at.app.training._trainer = None
