"""Two texts beside each other: what went in red and struck through, what came in green and underlined."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from core.drafts.comparing import Line, compare
from core.text import one_line
from tui.screens.dialog import Dialog

LOOKS = {"same": "", "out": "$text-error strike", "in": "$text-success underline"}
MOST_LINES = 2000
"""Lines of a comparison that are shown."""


class Comparison(VerticalScroll, can_focus=True):
    """A comparison of two texts, made in a thread; arrows and pages scroll it."""

    DEFAULT_CSS = """
    Comparison { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    Comparison Static { width: 1fr; height: auto; }
    """

    def compose(self) -> ComposeResult:
        """A text of what differs."""
        yield Static("", markup=False)

    def show(self, older: str, newer: str) -> None:
        """Compare two texts; one that is shown is replaced."""
        self.run_worker(self._compare(older, newer), group="compare", exclusive=True, description="comparing")

    async def _compare(self, older: str, newer: str) -> None:
        lines = await asyncio.to_thread(compare, older, newer)
        self.query_one(Static).update(shown_lines(lines))
        self.scroll_home(animate=False)


def shown_lines(lines: Sequence[Line]) -> Content:
    """A comparison as text with looks."""
    if not lines:
        return Content.styled("There is no difference.", "$foreground 55% italic")
    rows: list[Content] = []
    for line in lines[:MOST_LINES]:
        if line.parts is None:
            rows.append(Content.styled("⋯", "$foreground 55%"))
            continue
        parts = [(one_line(text), LOOKS[change]) for change, text in line.parts]
        whole = {change for change, _ in line.parts}
        sign = "- " if whole == {"out"} else "+ " if whole == {"in"} else "  "
        rows.append(Content.assemble((sign, "$foreground 55%"), *parts))
    if len(lines) > MOST_LINES:
        rows.append(Content.styled(f"⋯ {len(lines) - MOST_LINES:,} more lines", "$foreground 55%"))
    return Content("\n").join(rows)


class CompareScreen(Dialog[bool]):
    """Shows what changed from one text to another; with an `action`, a button that asks for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(False)", "Close")]

    def __init__(self, name: str, older: str, newer: str, before: str, after: str, action: str = "") -> None:
        """Compare `older`, which is called `before`, with `newer`, which is called `after`."""
        super().__init__()
        self._name, self._older, self._newer = name, older, newer
        self._before, self._after, self._action = before, after, action

    def compose(self) -> ComposeResult:
        """Stack title, comparison and buttons."""
        with Vertical(classes="dialog comparing"):
            legend = [
                (one_line(self._name), "bold $text-accent"),
                *((("   " + self._before, LOOKS["out"]),) if self._before else ()),
                ("   ", ""),
                (self._after, LOOKS["in"]),
            ]
            yield Static(Content.assemble(*legend), classes="dialog-legend", markup=False)
            yield Comparison()
            with Horizontal(classes="dialog-buttons"):
                if self._action:
                    yield Button(Content(self._action), variant="primary", id="do", compact=True)
                yield Button("Close", id="close", compact=True)

    def on_mount(self) -> None:
        """Begin to compare."""
        self.query_one(Comparison).show(self._older, self._newer)
        self.query_one(Comparison).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "do")
