"""Two paths of the explorer side by side, word by word with their probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core.exploring.branching import Node
from core.text import one_line
from tui.screens.dialog import Dialog
from tui.widgets.branch_tree import odds
from tui.widgets.probabilities import PERCENT_WIDTH, bar, percent, shown_word

WORD = 14
BAR = 12


class PathsCompared(Dialog[Node | None]):
    """Shows a path and a bookmarked one; the answer is the path to stand on, or None to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,c", "dismiss(None)", "Back"),
        Binding("up,left", "turn(-1)", "Previous bookmark"),
        Binding("down,right", "turn(1)", "Next bookmark"),
        Binding("enter", "take", "Go to the bookmarked path"),
    ]

    def __init__(self, before: str, node: Node, others: Sequence[Node]) -> None:
        super().__init__()
        self._before, self._node, self._others = before, node, others
        self._at = 0
        self._left = Static("", markup=False)
        self._right = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """Stack the two paths beside each other above the keys."""
        with Vertical(classes="dialog paths-compared"):
            yield Static("Two paths", classes="dialog-title", markup=False)
            with Horizontal():
                with VerticalScroll():
                    yield self._left
                with VerticalScroll():
                    yield self._right
            more = "  ↑↓ another bookmark" if len(self._others) > 1 else ""
            yield Static(f"⏎ go to the right one{more}  Esc back", classes="dialog-hint", markup=False)

    def on_mount(self) -> None:
        """Show both."""
        self._show()

    @property
    def other(self) -> Node:
        """The bookmarked path that is shown."""
        return self._others[self._at]

    def _show(self) -> None:
        shared = {id(node) for node in self._node.path} & {id(node) for node in self.other.path}
        self._left.update(self._column("This path", self._node, shared))
        self._right.update(self._column("★ Bookmark", self.other, shared))

    def _column(self, title: str, end: Node, shared: set[int]) -> Content:
        path = end.path
        words = [(node, id(node) in shared) for node in path]
        text = Content.assemble((self._before, "$foreground 45%"), (one_line(end.path_text), "bold"))
        probability = end.path_probability
        bits = -math.log2(probability) if probability > 0 else math.inf
        whole = f"{odds(probability)} · {bits:.1f} bits · {bits / len(path):.1f} a word"
        lines = [
            Content.styled(title, "$text-accent"),
            text,
            Content.styled(whole, "$foreground 60%"),
            Content(""),
        ]
        lines += [_line(node, common) for node, common in words]
        return Content("\n").join(lines)

    def action_turn(self, by: int) -> None:
        """Show the next bookmark on the right."""
        self._at = (self._at + by) % len(self._others)
        self._show()

    def action_take(self) -> None:
        """Go to the path on the right."""
        self.dismiss(self.other)


def _line(node: Node, common: bool) -> Content:
    word = shown_word(node.text)
    if cell_len(word) > WORD:
        word = set_cell_size(word, WORD - 1) + "…"
    return Content.assemble(
        (set_cell_size(word, WORD), "$foreground 45%" if common else "$foreground"),
        (percent(node.probability).rjust(PERCENT_WIDTH), "$foreground 60%"),
        (" " + bar(node.probability, BAR), "$foreground 25%" if common else "$primary"),
    )
