"""The plot of a training run: bits per character, learnt as a line, held out as points that a line joins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Final

from textual_plotext import PlotextPlot

POINTS: Final = 240
"""Points of a curve that are drawn; more than a panel's width in braille dots cannot be told apart."""
MARKS: Final = 10
"""Points of the held-out curve that are marked."""
INTERVAL: Final = 0.5
"""Seconds between two paintings: drawing costs milliseconds, and the person may be typing."""

Curve = list[tuple[float, float]]


def thinned(curve: Sequence[tuple[float, float]], most: int = POINTS) -> Curve:
    """Return at most `most` points: means of equal runs, so that the noise shrinks and the shape stays."""
    if len(curve) <= most:
        return list(curve)
    size = math.ceil(len(curve) / most)
    runs = (curve[start : start + size] for start in range(0, len(curve), size))
    return [(run[-1][0], sum(y for _, y in run) / len(run)) for run in runs]


def limits(curves: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float] | None:
    """Return the lowest and highest value to show; the steep start is cut off once there is more to see."""
    shown = [y for curve in curves for _, y in (curve[len(curve) // 10 :] if len(curve) >= 20 else curve)]
    if not shown:
        return None
    low, high = min(shown), max(shown)
    margin = (high - low) * 0.05 or max(abs(high) * 0.05, 0.05)
    return low - margin, high + margin


class LossPlot(PlotextPlot):
    """Bits per character over the steps; values that are not finite are left out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"loss-plot--training", "loss-plot--held-out"}

    DEFAULT_CSS = """
    LossPlot {
        height: 12;
        width: 1fr;
        margin: 0 1 0 1;
        & > .loss-plot--training { color: $primary; }
        & > .loss-plot--held-out { color: $warning; }
    }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.training: Curve = []
        self.held_out: Curve = []
        self._stale = False

    def on_mount(self) -> None:
        """Repaint when there is something new, but seldom."""
        self.set_interval(INTERVAL, self.redraw)

    def clear(self) -> None:
        """Forget both curves."""
        self.training.clear()
        self.held_out.clear()
        self._stale = True

    def add_training(self, step: float, bits: float) -> None:
        """Add a point of the text that is learnt."""
        self._add(self.training, step, bits)

    def add_held_out(self, step: float, bits: float) -> None:
        """Add a point of the text that is held out."""
        self._add(self.held_out, step, bits)

    def _add(self, curve: Curve, step: float, bits: float) -> None:
        if math.isfinite(step) and math.isfinite(bits):
            curve.append((float(step), float(bits)))
            self._stale = True

    def redraw(self) -> None:
        """Draw what was added since, if anything was and the plot is in sight."""
        if not self._stale or not self.size:
            return
        self._stale = False
        plot = self.plt
        plot.clear_figure()
        plot.xfrequency(3)
        plot.yfrequency(4)
        span = limits((self.training, self.held_out))
        if span is not None:
            plot.ylim(*span)
        # What is held out is marked over the training line, sparsely, so that each shows where they coincide.
        self._draw(self.held_out, "loss-plot--held-out")
        self._draw(self.training, "loss-plot--training", "training")
        self._draw(self.held_out, "loss-plot--held-out", "held out", marks=True)
        steps = sorted(
            {round(x) for curve in (self.held_out, self.training) for x, _ in curve[:1] + curve[-1:]}
        )
        ticks = sorted({*steps[:1], sum(steps[:1] + steps[-1:]) // 2, *steps[-1:]})
        plot.xticks([float(step) for step in ticks], [f"{step:,}" for step in ticks])
        plot.xlabel("steps")
        plot.title("bits per character")
        self.refresh()

    def _draw(self, curve: Curve, component: str, label: str | None = None, *, marks: bool = False) -> None:
        points = thinned(curve, MARKS if marks else POINTS)
        if not points:
            return
        steps, bits = [x for x, _ in points], [y for _, y in points]
        ink = self.get_component_styles(component).color.rgb
        if marks:
            self.plt.scatter(steps, bits, marker="●", color=ink, label=label)
        else:
            self.plt.plot(steps, bits, marker="braille", color=ink, label=label)
