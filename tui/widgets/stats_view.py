"""The Stats tab: what ghosts saved today and in all, by day as a chart, and by model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rich.cells import cell_len, set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from core.statistics.counting import Counts
from core.statistics.report import by_model, facts, last_days
from core.statistics.store import Days, summed
from core.text import one_line
from tui.widgets.form import Form
from tui.widgets.probabilities import bar

DAYS = 7
MODELS = 5
BY_DAY, BY_MODEL = "Keys saved of characters, by day", "Keys saved of characters, by model"
NOTHING = "Write, and what the ghosts save you is counted here: numbers only, on this machine only."


class StatsView(Form):
    """Figures that `show` sets; it asks for fresh ones with `Wanted`."""

    DEFAULT_CSS = """
    StatsView {
        & > .stats--heading { height: 1; padding: 0 0 0 2; color: $foreground; text-style: bold; }
        & > .stats--figures { height: auto; padding: 0 1 1 2; color: $text-muted; }
        & > Button { margin: 0 0 0 2; }
    }
    """

    REFRESH_SECONDS = 2.0

    class Wanted(Message):
        """Fresh figures are wanted, because the view is looked at."""

    @dataclass
    class Reset(Message):
        """The person wants all figures forgotten."""

    def __init__(self) -> None:
        super().__init__(id="stats-view")
        self._headings = {
            name: Static(name, classes="stats--heading", markup=False)
            for name in ("Today", "In all", BY_DAY, BY_MODEL)
        }
        self._figures = {
            name: Static(NOTHING if name == "Today" else "", classes="stats--figures", markup=False)
            for name in self._headings
        }
        self._reset = Button("Reset", id="stats-reset", compact=True)

    def compose(self) -> ComposeResult:
        """Stack headings and figures."""
        for name, heading in self._headings.items():
            yield heading
            yield self._figures[name]
        yield self._reset

    def on_mount(self) -> None:
        """Ask for figures for as long as this is looked at."""
        self.set_interval(self.REFRESH_SECONDS, self._ask, name="statistics")
        self.show({}, date.today())

    def on_show(self) -> None:
        """Do not wait for the clock when the tab opens."""
        self._ask()

    def _ask(self) -> None:
        if self.is_on_screen:
            self.post_message(self.Wanted())

    def show(self, days: Days, today: date) -> None:
        """Show these figures."""
        texts = {
            "Today": _lines(facts(summed(days, day=today.isoformat()))) if days else NOTHING,
            "In all": _lines(facts(summed(days))),
            BY_DAY: _chart([(f"{day:%a %d}", counts) for day, counts in last_days(days, today, DAYS)]),
            BY_MODEL: _chart(by_model(days)[:MODELS]),
        }
        for name, text in texts.items():
            shown = bool(days) or name == "Today"
            self._headings[name].display = self._figures[name].display = shown
            self._figures[name].update(Content(text))
        self._reset.disabled = not days

    @on(Button.Pressed, "#stats-reset")
    def _ask_reset(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Reset())


def _lines(named: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{name.ljust(12)}{value}" for name, value in named)


def _chart(rows: Sequence[tuple[str, Counts]]) -> str:
    """Return a line a row: a name, the share of keys saved, a bar that is full at all of them, characters."""
    lines: list[str] = []
    for name, counts in rows:
        label = one_line(name)
        label = set_cell_size(label, 10) if cell_len(label) <= 10 else set_cell_size(label, 9) + "…"
        saved = counts.saved
        share = "-" if saved is None else f"{saved:.0%}"
        drawn = set_cell_size(bar(saved or 0.0, 10), 10)
        lines.append(f"{label}{share:>5} {drawn}{counts.characters:>9,}")
    return "\n".join(lines)
