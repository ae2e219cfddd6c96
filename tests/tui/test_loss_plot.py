"""The plot of the losses: many points, none, odd numbers, and a steep start."""

from __future__ import annotations

import math

from core import events
from tests.tui.training_app import TrainingApp
from tui.widgets.loss_plot import LossPlot, limits, thinned


async def test_numbers_that_are_none_do_no_harm(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        plot = app.query_one(LossPlot)
        for step in range(3):
            app.view.show_event(events.Step(step, math.nan, math.nan, math.nan, 0.1, math.inf, math.nan))
            app.view.show_event(events.HeldOut(step, math.inf, math.nan, best=False))
        await pilot.pause()
        plot.redraw()
        plot.render()
        assert (plot.training, plot.held_out) == ([], [])
        assert app.text("run-state") == "? left"


async def test_a_plot_of_many_points_of_one_value_is_drawn(app: TrainingApp) -> None:
    async with app.run_test(size=(44, 40)) as pilot:
        plot = app.query_one(LossPlot)
        for step in range(1_000):
            app.view.show_event(events.Step(step, 0.5, 9.0, 2.0, 0.1, 10.0, 1.0))
        await pilot.pause()
        plot.redraw()
        assert "2.0" in str(plot.render())


def test_thinning_keeps_the_mean_and_the_last_step() -> None:
    curve = [(float(x), float(x % 2)) for x in range(1_000)]
    thin = thinned(curve, 100)
    assert len(thin) == 100
    assert thin[-1] == (999.0, 0.5)


def test_the_steep_start_does_not_flatten_the_rest() -> None:
    assert limits([[]]) is None
    curve = [(float(x), 9.0 if x == 0 else 2.0 + x / 100) for x in range(30)]
    span = limits([curve])
    assert span is not None and span[1] < 3
