"""A tree of continuations: a row for each branch, painted only where it is seen, and a cursor that stands on a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.exploring.branching import Node, Row, rows
from core.text import one_line
from tui.widgets.cells import cell_length
from tui.widgets.probabilities import percent

FIGURES = 16
"""Cells of the two probabilities at the end of a row."""
LEAST_FOR_BOTH = 50
"""Cells of a row that has room for both."""
STAR = "★"


def odds(probability: float) -> str:
    """A probability in at most seven cells, however small: 12%, 0.4%, 1:12k, 1:3e15."""
    if probability >= 0.001:
        return percent(probability)
    if probability <= 0:
        return "0%"
    against = 1 / probability
    for size, name in ((1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")):
        if against < size * 1000:
            return f"1:{against / size:.0f}{name}"
    return f"1:{against:.0e}".replace("e+", "e")


class BranchTree(ScrollView, can_focus=True):
    """Shows a tree and a cursor in it: what follows the word under the cursor is what one explores.

    `row` 0 is the place from which the tree goes on; the branches follow.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "branch-tree--word",
        "branch-tree--path",
        "branch-tree--cursor",
        "branch-tree--guide",
        "branch-tree--figure",
        "branch-tree--mark",
        "branch-tree--origin",
    }

    DEFAULT_CSS = """
    BranchTree {
        height: 1fr;
        width: 1fr;
        scrollbar-size-vertical: 1;
        & > .branch-tree--word { color: $foreground 70%; }
        & > .branch-tree--path { color: $foreground; text-style: bold; }
        & > .branch-tree--cursor { color: $accent; text-style: bold reverse; }
        & > .branch-tree--guide { color: $foreground 30%; }
        & > .branch-tree--figure { color: $text-muted; }
        & > .branch-tree--mark { color: $accent; text-style: bold; }
        & > .branch-tree--origin { color: $text-muted; text-style: italic; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another word."""

        node: Node

        def can_replace(self, message: Message) -> bool:
            """Only where it stands now matters."""
            return isinstance(message, BranchTree.Moved)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.root = Node()
        self.node = self.root
        """The word under the cursor; the root is the origin's row."""
        self._origin = self._typed = ""
        self._rows: list[Row] = []
        self._place: dict[int, int] = {}
        self._way: dict[int, Node] = {}
        self._styles: dict[str, Style] = {}

    # What is shown

    def show(self, root: Node, origin: str, typed: str = "") -> None:
        """Show a tree that goes on after the text `origin`, which may end with a part `typed` of a word."""
        self.root = self.node = root
        self._origin, self._typed = one_line(origin), one_line(typed)
        self._way.clear()
        self.update()
        self.scroll_home(animate=False)
        self._bring_into_view()

    def update(self, node: Node | None = None) -> None:
        """The tree has other words; the cursor goes to `node`, or stays."""
        self._rows = rows(self.root)
        self._place = {id(word): at for at, row in enumerate(self._rows, 1) for word in row.words}
        self._place[id(self.root)] = 0
        if node is not None:
            self.node = node
        while id(self.node) not in self._place and self.node.parent is not None:
            self.node = self.node.parent  # it was forgotten
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self._moved()

    @property
    def count(self) -> int:
        """How many branches there are."""
        return len(self._rows)

    @property
    def row(self) -> int:
        """The row of the cursor."""
        return self._place[id(self.node)]

    # Moving

    def go_to(self, node: Node) -> None:
        """Put the cursor on a word."""
        if node is not self.node:
            self.node = node
            self._moved()

    def move_rows(self, by: int) -> None:
        """Go to the end of the branch so many rows below, or above."""
        at = min(max(self.row + by, 0), len(self._rows))
        self.go_to(self._rows[at - 1].end if at else self.root)

    def move_back(self) -> None:
        """Go to the word before; what follows it is remembered as the way on."""
        if self.node.parent is not None:
            self._way[id(self.node.parent)] = self.node
            self.go_to(self.node.parent)

    def move_on(self) -> bool:
        """Go to the word after, the way that was come or the likeliest; whether there is one."""
        if not self.node.children:
            return False
        way = self._way.get(id(self.node))
        self.go_to(way if way is not None and way in self.node.children else self.node.children[0])
        return True

    def _moved(self) -> None:
        self._bring_into_view()
        self.refresh()
        self.post_message(self.Moved(self.node))

    def _bring_into_view(self) -> None:
        self.scroll_to_region(Region(0, self.row, 1, 1), animate=False, force=True, x_axis=False)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        self.call_after_refresh(self._bring_into_view)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the branch that was clicked."""
        at = self.scroll_offset.y + event.y
        if 0 <= at <= len(self._rows):
            self.go_to(self._rows[at - 1].end if at else self.root)

    # Painting

    def render_line(self, y: int) -> Strip:
        """One row; costs what is on it, however large the tree."""
        at = self.scroll_offset.y + y
        base = self._style("")
        if at > len(self._rows):
            return Strip.blank(self.size.width, base)
        pieces = self._row_pieces(self._rows[at - 1]) if at else self._origin_pieces()
        segments = [Segment(text, self._style(name)) for text, name in pieces if text]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _style(self, name: str) -> Style:
        """A style by name; the empty name is for what is between the others. Textual works each out anew."""
        style = self._styles.get(name)
        if style is None:
            style = self.rich_style
            if name:
                style += self.get_component_rich_style(f"branch-tree--{name}")
            self._styles[name] = style
        return style

    def notify_style_update(self) -> None:
        """The colours are others."""
        self._styles.clear()
        super().notify_style_update()

    @property
    def _figures(self) -> int:
        return FIGURES if self.size.width >= LEAST_FOR_BOTH else FIGURES // 2

    def _origin_pieces(self) -> list[tuple[str, str]]:
        heads = "first".rjust(8) + "path".rjust(8) if self._figures == FIGURES else "path".rjust(8)
        room = max(1, self.size.width - self._figures - 4)
        here = self.node is self.root
        return [
            (" ● " if here else " ○ ", "mark" if here else "guide"),
            (_end_of(self._origin, room), "path" if here else "origin"),
            (" " * (room - cell_length(_end_of(self._origin, room), 1)), "word"),
            (heads, "figure"),
        ]

    def _row_pieces(self, row: Row) -> list[tuple[str, str]]:
        guide = " " + "".join("│  " if more else "   " for more in row.lines[:-1])
        guide += "├─ " if row.lines[-1] else "└─ "
        room = max(8, self.size.width - self._figures - 1)
        guide = _end_of(guide, room // 2)
        words = self._words(row, room - len(guide) - 2)
        used = len(guide) + sum(cell_length(text, 1) for text, _ in words)
        star = STAR if any(word.marked for word in row.words) else " "
        both = self._figures == FIGURES
        return [
            (guide, "guide"),
            *words,
            (" " * max(0, room - used - 1), "word"),
            (star, "mark"),
            (odds(row.words[0].probability).rjust(8) if both else "", "figure"),
            (odds(row.end.path_probability).rjust(8), "figure"),
        ]

    def _words(self, row: Row, room: int) -> list[tuple[str, str]]:
        """A run's words in at most `room` cells, so that the one under the cursor is seen."""
        on_path = {id(node) for node in self.node.path}
        words = list(row.words)
        texts = [one_line(word.text) for word in words]
        if words[0].parent is self.root and not texts[0].startswith(" "):
            texts[0] = self._typed + texts[0]
        texts[0] = texts[0].lstrip() or texts[0]
        first, end = 0, max((index for index, word in enumerate(words) if word is self.node), default=0)
        while first < end and sum(cell_length(text, 1) for text in texts[first : end + 1]) > room - 2:
            first += 1
        pieces: list[tuple[str, str]] = [("…", "guide")] if first else []
        left = room - len(pieces)
        for word, text in zip(words[first:], texts[first:], strict=True):
            size = cell_length(text, 1)
            if size > left:
                pieces.append(("…" if left > 0 else "", "guide"))
                break
            left -= size
            name = "cursor" if word is self.node else "path" if id(word) in on_path else "word"
            space = len(text) - len(text.lstrip(" "))
            pieces += [(text[:space], "path" if name == "cursor" else name), (text[space:], name)]
        return pieces


def _end_of(text: str, room: int) -> str:
    """The end of a text in at most `room` cells, with a mark where something is left out before it."""
    if cell_length(text, 1) <= room:
        return text
    while text and cell_length(text, 1) >= room:
        text = text[max(1, (cell_length(text, 1) - room) // 2) :]
    return "…" + text
