"""What the screens on which one explores share: the title above, the keys below, help, their place in the palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import RenderResult, SystemCommand
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from tui.screens.dialog import Dialog
from tui.screens.dialogs import HelpScreen
from tui.widgets.status_line import KeyHint

Result = TypeVar("Result")
MOST_ROWS = 2
"""Rows of keys."""
Help = Sequence[tuple[str, Sequence[tuple[str, str]]]]


class TitleLine(Widget):
    """What one looks at on the left, how on the right; the latter goes first where there is no room."""

    DEFAULT_CSS = """
    TitleLine { height: 1; padding: 0 2; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = self._right = Content("")

    def show(self, left: str, right: str, legend: Content | None = None) -> None:
        """Show these; a legend stands before what is on the right."""
        one, other = Content.styled(left, "bold $text-accent"), Content.styled(right, "$foreground 60%")
        if legend is not None:
            other = legend + " " + other
        if (one, other) != (self._left, self._right):
            self._left, self._right = one, other
            self.refresh()

    def render(self) -> RenderResult:
        """Both ends of the line."""
        gap = self.content_size.width - self._left.cell_length - self._right.cell_length
        if gap >= 2:
            return self._left + " " * gap + self._right
        right = self._right.truncate(max(0, gap + self._right.cell_length - 2), ellipsis=True)
        return self._left + "  " + right


class KeyRows(Widget):
    """The keys in one row or two, as many as there is room for. A click does what the key does."""

    DEFAULT_CSS = """
    KeyRows { height: auto; padding: 0 2; background: $panel; color: $text-muted; }
    """
    GAP: ClassVar[int] = 2

    def __init__(self, hints: Sequence[KeyHint]) -> None:
        super().__init__()
        self.hints = hints

    def _placed(self, width: int) -> list[tuple[int, int, KeyHint]]:
        """(row, cell, hint) of those that there is room for."""
        rows = MOST_ROWS if self.screen.size.height > 16 else 1
        placed: list[tuple[int, int, KeyHint]] = []
        row = at = 0
        for hint in self.hints:
            if at and at + hint.width > width:
                row, at = row + 1, 0
            if row >= rows:
                break
            placed.append((row, at, hint))
            at += hint.width + self.GAP
        return placed

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the keys take."""
        return max((row for row, _, _ in self._placed(width)), default=0) + 1

    def render(self) -> RenderResult:
        """The rows at their present width."""
        rows = [Content("") for _ in range(self.content_size.height)]
        for row, at, hint in self._placed(self.content_size.width):
            if row < len(rows):
                rows[row] += Content.assemble(
                    " " * (at - rows[row].cell_length),
                    (hint.key, "$text-accent"),
                    " ",
                    (hint.label, "$foreground 65%"),
                )
        return Content("\n").join(rows)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        place = event.get_content_offset(self)
        if place is None:
            return
        for row, at, hint in self._placed(self.content_size.width):
            if hint.action and row == place.y and at <= place.x < at + hint.width:
                event.stop()
                await self.screen.run_action(hint.action)


class LookingScreen(Dialog[Result]):
    """A screen that takes the whole terminal, looks at the draft, and changes nothing in it by itself."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 (the parent's is no ClassVar)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-medium"), (30, "-high")]  # noqa: RUF012
    NAME: ClassVar[str] = ""
    """What opens it, and closes it again."""
    KEYS: ClassVar[Sequence[Binding]] = ()

    def __init__(self, hints: Sequence[KeyHint], help: Help) -> None:
        super().__init__(classes="looking")
        self.title_line = TitleLine()
        self.key_rows = KeyRows(hints)
        self._help = help

    def action_help(self) -> None:
        """Show the keys of this screen first."""
        self.app.push_screen(HelpScreen(self._help))

    def action_leave(self) -> None:
        """Go back to the text."""
        self.dismiss(None)

    def engine_changed(self) -> None:
        """The engine's state is another; what was waited for can perhaps be asked now."""

    def palette(self) -> Iterable[SystemCommand]:
        """What the command palette offers here: all that has a key."""
        for binding in self.KEYS:
            action = binding.action
            yield SystemCommand(
                binding.tooltip, f"Key {binding.key.split(',')[0]}", lambda action=action: self._run(action)
            )
        yield SystemCommand("Help", "The keys and what they do", self.action_help)

    def _run(self, action: str) -> None:
        self.call_later(self.run_action, action)
