"""Training events survive their trip through JSON, and what is none is refused."""

from __future__ import annotations

import json
import math

import pytest

from core import events
from core.errors import UserError

EVENTS: list[events.TrainingEvent] = [
    events.Reading(files=3, characters=1200),
    events.CorpusRead(
        files=2, left_out=(("a [b].bin", "binary"),), characters=9, held_out_characters=1, tokens=4
    ),
    events.Step(
        step=10,
        fraction=0.5,
        loss=3.25,
        bits_per_character=1.7,
        learning_rate=0.001,
        tokens_per_second=5000.0,
        seconds_left=30.0,
    ),
    events.HeldOut(step=10, loss=3.5, bits_per_character=1.9, best=True),
    events.Sample(step=10, temperature=0.7, text="the \x1b[31m light\n"),
    events.Saved(folder="models/mine/versions/0001", step=10),
    events.Paused(),
    events.Resumed(),
    events.Finished("mine", "folder", 1.8, None, 2.0, stopped=False, became_current=True),
    events.Finished("mine", "folder", 1.8, 2.1, 2.0, stopped=True, became_current=False),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_round_trip(event: events.TrainingEvent) -> None:
    line = json.dumps(events.as_json(event), allow_nan=False)
    assert events.event_from_json(json.loads(line)) == event


def test_a_loss_that_is_not_finite_travels_as_null() -> None:
    line = json.dumps(events.as_json(events.HeldOut(1, math.nan, math.inf, best=False)), allow_nan=False)
    back = events.event_from_json(json.loads(line))
    assert isinstance(back, events.HeldOut)
    assert math.isnan(back.loss)
    assert math.isnan(back.bits_per_character)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"event": "dance"},
        {"event": ["step"]},
        {"event": "reading", "files": 1},
        {"event": "reading", "files": "1", "characters": 2},
        {"event": "reading", "files": True, "characters": 2},
        {"event": "paused", "why": "tea"},
        {"event": "saved", "folder": 1, "step": 1},
        {"event": "held_out", "step": 1, "loss": "x", "bits_per_character": 1, "best": True},
        {"event": "held_out", "step": 1, "loss": 1, "bits_per_character": 1, "best": 1},
        {
            "event": "corpus_read",
            "files": 1,
            "left_out": "ab",
            "characters": 1,
            "held_out_characters": 1,
            "tokens": 1,
        },
        {
            "event": "corpus_read",
            "files": 1,
            "left_out": [["a"]],
            "characters": 1,
            "held_out_characters": 1,
            "tokens": 1,
        },
    ],
)
def test_what_is_no_event_is_refused(data: object) -> None:
    with pytest.raises(UserError) as caught:
        events.event_from_json(data)
    assert "\n" not in str(caught.value)
