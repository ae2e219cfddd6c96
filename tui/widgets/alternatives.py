"""The list of alternatives at the cursor: each way to go on with the digit that takes it and how likely it is."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.geometry import Offset
from textual.message import Message
from textual.widget import Widget

from core.text import one_line
from tui.widgets.ghost import Ghost
from tui.widgets.probabilities import percent

LONGEST = 44
"""Cells of a way to go on."""
BEFORE = 4
"""Cells of a row before the text: so the letters of the word begun stand below those in the draft."""


class Alternatives(Widget):
    """Shows what it is given; the keys are the editor's, which keeps the focus. A click takes what is under it."""

    DEFAULT_CSS = """
    Alternatives {
        display: none;
        position: absolute;
        overlay: screen;
        width: auto;
        height: auto;
        background: $panel;
        color: $foreground;
        padding: 0 1;
    }
    """

    class Picked(Message):
        """The mouse chose an alternative."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self) -> None:
        super().__init__()
        self._ghost: Ghost | None = None
        self._begun = ""

    def show(self, ghost: Ghost | None, begun: str, at: Offset, below: int, room: Offset) -> None:
        """Show a ghost's ways below row `below`, or above the cursor's row where there is more room; None: nothing.

        Args:
            ghost: the ways, one of which is pointed at.
            begun: the word before the cursor, which the ways go on with.
            at: the cell of the screen at which the cursor is.
            below: the last row of the ghost as it is drawn.
            room: the size of the screen, less what has to stay in view.
        """
        self._ghost = ghost
        self._begun = "" if ghost and ghost.text[:1].isspace() else begun[-LONGEST // 2 :]
        self.display = ghost is not None
        if ghost is None:
            return
        lines = len(ghost.texts)
        y = below + 1 if below + 1 + lines <= room.y or below + 1 <= at.y - lines else at.y - lines
        x = max(0, min(at.x - cell_len(self._begun) - BEFORE, room.x - self._width() - 2))
        self.styles.offset = (x, max(0, min(y, room.y - lines)))
        self.refresh(layout=True)

    def _width(self) -> int:
        texts = self._ghost.texts if self._ghost else ()
        widest = max((cell_len(self._begun + one_line(text.strip())) for text in texts), default=0)
        return min(widest, LONGEST, max(8, self.app.size.width - 14)) + 9

    def render(self) -> RenderResult:
        """A row for each way."""
        ghost = self._ghost
        if ghost is None:
            return ""
        width = self._width()
        rows: list[Content] = []
        for index, text in enumerate(ghost.texts):
            here = index == ghost.index
            begun = self._begun if not text[:1].isspace() else ""
            shown = one_line(text.strip())
            room = width - 9 - cell_len(begun)
            if cell_len(shown) > room:
                shown = set_cell_size(shown, room - 1) + "…"
            chance = f"{percent(ghost.chances[index]):>5}" if ghost.chances else " " * 5
            row = Content.assemble(
                ("▸" if here else " ", "$text-accent"),
                (f"{index + 1} ", "$foreground 55%"),
                (begun, "$foreground 55%"),
                (set_cell_size(shown, room), "bold $text-accent" if here else ""),
                (" " + chance, "$foreground 55%"),
            )
            rows.append(row)
        return Content("\n").join(rows)

    def on_click(self, event: Click) -> None:
        """Take what is under the mouse."""
        event.stop()
        if self._ghost is not None and 0 <= event.y < len(self._ghost.texts):
            self.post_message(self.Picked(event.y))
