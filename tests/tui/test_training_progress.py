"""How a training run looks in the Train tab, from its first event to its result, and how it is paused and stopped."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import ProgressBar

from core import events
from tests.tui.training_app import FINISHED, STEP, TrainingApp
from tui.widgets.loss_plot import LossPlot
from tui.widgets.training_progress import duration
from tui.widgets.training_view import TrainingView


async def test_a_run_is_followed_event_by_event(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 60)) as pilot:
        show = app.view.show_event
        show(events.Reading(files=3, characters=12_000))
        assert app.view.running
        assert app.text("run-state") == "reading · 3 files · 12,000 characters"
        show(events.CorpusRead(2, (("a [/b]\n.bin", "binary"),), 11_000, 1_000, 4_000))
        assert app.text("run-state") == "2 files · 11,000 characters · 4,000 tokens"
        assert app.text("run-left-out") == "Left out: 1 file\na [/b]␊.bin: binary"
        show(STEP)
        assert app.query_one(ProgressBar).percentage == 0.25
        assert app.text("run-state") == "1:30 min left · 4,321 tokens/s"
        show(events.HeldOut(0, 3.4, 2.1, best=True))
        assert app.text("run-best") == "network alone: 2.10 bits per character, before training"
        show(events.HeldOut(10, 3.2, 2.0, best=True))
        assert app.text("run-best") == "network alone: 2.00 bits per character, the best so far"
        for temperature, text in ((1.0, "wild"), (0.3, "the\nthe \x1b[31m[b]"), (1.0, "wilder")):
            show(events.Sample(10, temperature, text))
        assert app.text("run-samples") == (
            "At temperature 0.3, step 10\nthe the [31m[b]\n\nAt temperature 1, step 10\nwilder"
        )
        show(events.Saved("folder", 10))
        await pilot.pause()
        plot = app.query_one(LossPlot)
        assert (plot.training, plot.held_out) == ([(10.0, 1.5)], [(0.0, 2.1), (10.0, 2.0)])
        plot.redraw()
        drawn = plot.render()
        assert "training" in str(drawn) and "held out" in str(drawn)
        assert "bits per character" in str(drawn) and "nats" not in str(drawn)
        plot.add_training(1105, 2.9)
        plot.redraw()
        assert {"0", "552", "1,105"} <= set(str(plot.render()).split())  # steps are whole


async def test_very_many_files_left_out_are_counted(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)):
        left_out = tuple((f"{n}.bin", "binary") for n in range(1_500))
        app.view.show_event(events.CorpusRead(1, left_out, 10, 1, 5))
        assert app.text("run-left-out").startswith("Left out: 1,500 files")
        assert app.text("run-left-out").endswith("and 1,300 more")


async def test_what_was_read_and_what_not_is_told_by_kind_and_reason(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)):
        app.view.show_event(
            events.CorpusRead(
                3,
                (("a.py", "no prose"),),
                10,
                1,
                5,
                left_out_count=1_234,
                reasons=(("no prose", "1,233 (a\x1b[b].py, …)"),),
                kinds=(("PDF", "3 files, 10 characters"),),
                remarks=(("mail", "2 of 3 messages are of somebody else"),),
                secrets=2,
                repeated=7,
            )
        )
        assert app.text("run-left-out").split("\n") == [
            "PDF: 3 files, 10 characters",
            "mail: 2 of 3 messages are of somebody else",
            "Left out: 1,234 files",
            "no prose: 1,233 (a␛[b].py, …)",
            "a.py: no prose",
            "and 1,233 more",
            "Lines with a password, a key or the like: 2",
            "Characters that stood in another file before: 7",
        ]


async def test_pause_resume_and_stop(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.show_event(STEP)
        app.button("pause").active_effect_duration = 0  # a button ignores presses while it looks pressed
        app.view.focus_first()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.heard[-1], TrainingView.Pause)
        app.view.show_event(events.Paused())
        assert str(app.button("pause").label) == "Resume"
        assert app.text("run-state").startswith("paused")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.heard[-1], TrainingView.Resume)
        app.view.show_event(events.Resumed())
        assert str(app.button("pause").label) == "Pause"
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(app.heard[-1], TrainingView.Stop)
        assert app.button("pause").disabled
        assert str(app.button("stop").label) == "Stopping…"
        assert app.focused is app.button("stop")
        await pilot.press("enter")
        await pilot.pause()
        assert sum(isinstance(event, TrainingView.Stop) for event in app.heard) == 1
        app.view.show_event(STEP)
        assert app.text("run-state").startswith("stopping")


async def test_before_the_first_step_too_a_pause_stands_still(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)):
        app.view.show_event(events.CorpusRead(1, (), 10, 1, 5))
        bar = app.query_one(ProgressBar)
        assert bar.percentage is None  # it sweeps
        app.view.show_event(events.Paused())
        assert (bar.percentage, app.text("run-state")) == (0, "paused")
        app.view.show_event(events.Resumed())
        assert bar.percentage is None
        app.view.show_event(STEP)
        app.view.show_event(events.Paused())
        assert bar.percentage == 0.25


async def test_while_the_texts_are_read_it_can_be_stopped_and_nothing_is_promised(
    app: TrainingApp, book: Path
) -> None:
    async with app.run_test(size=(44, 40), notifications=True) as pilot:
        app.view.choose([book])
        app.view.form.submit()
        await pilot.pause()
        app.view.show_event(events.Reading(1, 10))
        app.view.focus_first()
        await pilot.press("enter")  # a second Enter on what was the button to start
        assert [str(notice.message) for notice in app._notifications][-1].startswith(
            "The texts are being read"
        )
        assert str(app.button("stop").label) == "Stop"
        await pilot.press("down", "enter")
        await pilot.pause()
        assert [type(event) for event in app.heard] == [TrainingView.Start, TrainingView.Stop]
        assert app.text("run-state") == "stopping"
        app.view.show_error("stopped before the training began")
        await pilot.pause()
        assert app.shows("training-start")
        app.view.form.submit()
        await pilot.pause()
        app.view.show_event(events.CorpusRead(1, (), 10, 1, 5))
        assert str(app.button("stop").label) == "Stop and keep"


async def test_the_model_that_is_in_use_is_said_to_be(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)):
        app.view.show_in_use("mine")
        app.view.show_event(STEP)
        app.view.show_event(FINISHED)
        assert str(app.button("use").label) == "Use this model"
        app.view.show_in_use("other")
        assert str(app.button("use").label) == "Use this model"
        app.view.show_in_use("mine")
        assert str(app.button("use").label) == "In use"
        app.view.show_event(STEP)
        app.view.show_event(FINISHED)
        assert str(app.button("use").label) == "Use this model"  # what was in use is an older version


async def test_a_finished_run_shows_what_it_brought_and_offers_the_model(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        app.view.show_event(events.CorpusRead(1, (), 10, 1, 5, held_out_how="2 of 17 documents"))
        app.view.show_event(STEP)
        app.view.show_event(FINISHED)
        await pilot.pause()
        assert not app.view.running
        assert app.text("run-title") == "mine is trained · 2:00 min"
        result = app.text("run-result")
        assert "before 2.00" in result and "after  1.80" in result
        assert "10% fewer" in result
        assert result.endswith("Held out: 2 of 17 documents")
        assert app.shows("use") and not app.shows("pause")
        app.view.focus_first()
        await pilot.press("enter")
        await pilot.pause()
        used = app.heard[-1]
        assert isinstance(used, TrainingView.UseModel) and used.name == "mine"
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.shows("training-start")


async def test_the_keys_saved_before_and_after_are_told_with_their_interval(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)):
        app.view.show_event(STEP)
        app.view.show_event(events.Proving(0.5))
        assert app.query_one(ProgressBar).percentage == 0.5
        assert "held-out text" in app.text("run-state")
        app.view.show_event(
            replace(FINISHED, keys_saved=0.43, keys_saved_before=0.38, keys_low=0.031, keys_high=-0.002)
        )
        assert "38.0% before, 43.0% after\nThe change is +3.1 to -0.2 points" in app.text("run-result")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (events.Finished("m", "f", 2.0, None, 1.0, stopped=True, became_current=True), "Fewer bits"),
        (events.Finished("m", "f", 2.1, 2.0, 1.0, stopped=False, became_current=True), "No fewer"),
        (
            events.Finished("m", "f", 2.1, 2.0, 1.0, stopped=False, became_current=False),
            "what was in use stays in use",
        ),
        (events.Finished("m", "f", math.nan, 2.0, 1.0, stopped=False, became_current=True), "Fewer bits"),
    ],
)
async def test_the_verdict_is_honest(app: TrainingApp, event: events.Finished, line: str) -> None:
    async with app.run_test(size=(44, 40)):
        app.view.show_event(STEP)
        app.view.show_event(event)
        assert line in app.text("run-result")


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (90, "1:30 min"), (3_900, "1 h 05 min"), (math.nan, "?"), (-1, "?")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
