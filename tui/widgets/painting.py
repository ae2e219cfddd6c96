"""One row of the editor as a strip of styled cells; kept by what is on it, so that an edit costs only its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.cache import LRUCache
from textual.expand_tabs import expand_tabs_inline
from textual.strip import Strip

from core.text import shown
from tui.widgets.cells import cell_length

if TYPE_CHECKING:
    from tui.widgets.editor import Editor

Piece = tuple[str, str]
"""Text and what it is: "text", "selection", "ghost" or "cursor"."""


class RowPainter:
    """Paints rows of an editor's wrapped document."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)

    def forget(self) -> None:
        """Forget all strips, because colours changed."""
        self._strips.clear()

    def row(self, row: int) -> Strip:
        """The strip of one row of the wrapped document, or of what is below it."""
        editor = self._editor
        pieces = self._pieces(row)
        width, margin = editor.scrollable_content_region.size.width, editor.gutter_width
        key = (*pieces, width, margin, editor.has_focus)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._paint(pieces, width, margin)
        return strip

    def _pieces(self, row: int) -> list[Piece]:
        """What stands on a row, from left to right."""
        editor = self._editor
        wrapped = editor.wrapped_document
        cursor = editor.selection.end
        ghost_row = row - wrapped.row_of(cursor)
        rows = editor.ghost_rows
        ghost = rows[ghost_row] if 0 <= ghost_row < len(rows) else ""
        place = wrapped.place(row)
        if place is None:
            return [(ghost, "ghost")]
        line, start, end = place
        text = editor.document.get_line(line)[start:end]
        pieces = self._selected(text, line, start)
        if ghost:
            pieces.append((ghost, "ghost"))
        if ghost_row == 0 and editor.draws_cursor:
            pieces = _with_cursor(pieces, cursor[1] - start)
        return pieces

    def _selected(self, text: str, line: int, start: int) -> list[Piece]:
        """A row's text, cut where the selection begins and ends."""
        selection = self._editor.selection
        if selection.is_empty:
            return [(text, "text")]
        top, bottom = sorted(selection)
        if not top[0] <= line <= bottom[0]:
            return [(text, "text")]
        first = max(0, top[1] - start) if line == top[0] else 0
        last = max(0, bottom[1] - start) if line == bottom[0] else len(text)
        selected = text[first:last]
        if line < bottom[0] and not text and line >= top[0]:
            selected = " "  # an empty line within the selection is seen
        return [(text[:first], "text"), (selected, "selection"), (text[max(first, last) :], "text")]

    def _paint(self, pieces: list[Piece], width: int, margin: int) -> Strip:
        editor = self._editor
        styles = editor.painting_styles
        base = styles["text"]
        segments = [Segment(" " * margin, base)]
        at = 0
        for text, kind in pieces:
            if text:
                seen = _expanded(text, at, editor.indent_width)
                at += cell_length(seen, 1)
                segments.append(Segment(seen, styles[kind]))
        strip = Strip(segments).adjust_cell_length(width, base)
        return strip


def _with_cursor(pieces: list[Piece], column: int) -> list[Piece]:
    """The pieces with the character at `column` under the cursor; a space behind them where there is none."""
    result: list[Piece] = []
    at, placed = 0, False
    for text, kind in pieces:
        inside = column - at
        if not placed and 0 <= inside < len(text):
            result += [(text[:inside], kind), (text[inside], "cursor"), (text[inside + 1 :], kind)]
            placed = True
        else:
            result.append((text, kind))
        at += len(text)
    return result if placed else [*result, (" ", "cursor")]


def _expanded(text: str, at: int, tab: int) -> str:
    """`text` as it is seen when it begins `at` cells into its row."""
    if "\t" in text:
        text = expand_tabs_inline(" " * (at % tab) + text, tab)[at % tab :]
    return shown(text)
