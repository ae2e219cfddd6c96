"""An unfinished training that goes on with more layers begins where it was."""

from pathlib import Path

import pytest

from core.errors import UserError
from core.events import HeldOut, Step, TrainingEvent
from core.library.library import Library
from core.training.growth import grow
from core.training.pipeline import Abandoned, train
from core.training.talk import Control
from models.checkpoint import load_checkpoint
from tests.core.training.runs import job_for


def test_a_run_goes_on_with_more_layers(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.pipeline.REPORT_SECONDS", 0.0)
    monkeypatch.setattr("core.training.finishing.TYPED_CHARACTERS", 40)
    control = Control()
    events: list[TrainingEvent] = []

    def leave(event: TrainingEvent) -> None:
        events.append(event)
        if isinstance(event, Step) and event.step == 40:
            control.stop(abandon=True)

    with pytest.raises(Abandoned):
        train(job_for(book, epochs=4.0), leave, control)
    assert grow("mine", 2).layers == 3
    later: list[TrainingEvent] = []
    train(job_for(book), later.append, resume=True)
    first = next(event for event in later if isinstance(event, Step))
    before = [event.loss for event in events if isinstance(event, Step)]
    assert first.step == 41
    assert first.loss < sum(before[:10]) / 10  # it has not begun anew
    config = load_checkpoint(Library().find("mine").folder).model.config
    assert (config.layers, config.residual) == (3, 2)
    measured = [event.bits_per_character for event in later if isinstance(event, HeldOut)]
    assert measured[-1] < measured[0]


def test_there_must_be_something_to_grow(book: Path) -> None:
    with pytest.raises(UserError, match="there is no unfinished training of 'mine'"):
        grow("mine", 1)
