"""What the Train tab says of training runs that were interrupted: go on with one, or discard it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from core.library.unfinished import Unfinished
from core.text import one_line


class UnfinishedRuns(Vertical):
    """Offers the first of the interrupted runs; it takes no room where there is none."""

    DEFAULT_CSS = """
    UnfinishedRuns {
        height: auto;
        display: none;
        & > Static { height: auto; padding: 0 2; color: $text-muted; }
        & > Horizontal { height: 1; margin: 1 1 1 2; }
        & Button { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & #resume-run { margin: 0 1 0 0; }
        & #discard-run { background: $foreground 10%; max-width: 11; }
        &.-any { display: block; }
    }
    """

    @dataclass
    class Chosen(Message):
        """The person wants this run to go on."""

        run: Unfinished

    @dataclass
    class Discarded(Message):
        """The person does not want this run any more."""

        run: Unfinished

    def __init__(self) -> None:
        super().__init__(id="unfinished-runs")
        self._runs: tuple[Unfinished, ...] = ()
        self._line = Static("", id="unfinished-line")
        self._resume = Button("Resume", variant="primary", compact=True, id="resume-run")
        self._discard = Button("Discard", compact=True, id="discard-run")

    def compose(self) -> ComposeResult:
        """A line, and what can be done."""
        yield self._line
        with Horizontal():
            yield self._resume
            yield self._discard

    def offer(self, runs: Sequence[Unfinished]) -> None:
        """Offer the first of these; a focus on what then hides goes on to the form."""
        had_focus = self.has_focus_within
        self._runs = tuple(runs)
        self.set_class(bool(self._runs), "-any")
        if self._runs:
            more = len(self._runs) - 1
            others = f" (and {more} more)" if more else ""
            self._line.update(Content(f"A training was interrupted{others}."))
            self._resume.label = Content(f"Resume {one_line(self._runs[0].job.name)}")
        elif had_focus:
            self.screen.focus_next()

    @on(Button.Pressed, "#resume-run")
    def _choose(self, event: Button.Pressed) -> None:
        event.stop()
        if self._runs:
            self.post_message(self.Chosen(self._runs[0]))

    @on(Button.Pressed, "#discard-run")
    def _drop(self, event: Button.Pressed) -> None:
        event.stop()
        if self._runs:
            self.post_message(self.Discarded(self._runs[0]))
