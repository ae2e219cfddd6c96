"""One row of the editor as a strip of styled cells; kept by what is on it, so that an edit costs only its row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.cache import LRUCache
from textual.expand_tabs import expand_tabs_inline
from textual.strip import Strip

from core.drafts.markdown import Span, spans
from core.text import shown
from tui.widgets.cells import cell_length

if TYPE_CHECKING:
    from rich.style import Style

    from tui.widgets.prose_area import ProseArea

Piece = tuple[str, tuple[str, ...]]
"""Text and all that it is: "selection", "ghost", "cursor", or the last part of a component class."""


class RowPainter:
    """Paints rows of an editor's wrapped document."""

    def __init__(self, editor: ProseArea) -> None:
        self._editor = editor
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._frame = 0, 0, False
        """Width and left margin of a row, and whether the editor has the focus."""
        self._styles: dict[tuple[str, ...], Style] = {}
        self._spans: LRUCache[tuple[str, bool], list[Span]] = LRUCache(512)

    def look(self) -> None:
        """Look at the editor's width, margin and focus: call it before rows are painted."""
        editor = self._editor
        width = editor.scrollable_content_region.size.width
        self._frame = width, editor.gutter_width, editor.has_focus

    def forget(self) -> None:
        """Forget all strips, because colours changed."""
        self._strips.clear()
        self._styles.clear()

    def row(self, row: int) -> Strip:
        """The strip of one row of the wrapped document, or of what is below it."""
        pieces = self._pieces(row)
        key = (*pieces, *self._frame)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._paint(pieces)
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
            return [(ghost, ("ghost",))]
        line, start, end = place
        pieces = self._text(line, start, end)
        if ghost:
            pieces.append((ghost, ("ghost",)))
        if ghost_row == 0 and editor.draws_cursor:
            pieces = _with_cursor(pieces, cursor[1] - start)
        return pieces

    def _text(self, line: int, start: int, end: int) -> list[Piece]:
        """A row's text, cut where what it is changes."""
        editor = self._editor
        whole = editor.document.get_line(line)
        found = self._markdown(line, whole) if editor.markdown else []
        for overlay in editor.overlays.values():
            found = [*found, *overlay(line, start, end)]
        if editor.focus_mode and line not in editor.paragraph:
            found = [*found, (start, end, "aside")]
        selection = editor.selection
        if not selection.is_empty:
            top, bottom = sorted(selection)
            if top[0] <= line <= bottom[0]:
                if not whole and line < bottom[0]:
                    return [(" ", ("selection",))]  # an empty line within the selection is seen
                first = top[1] if line == top[0] else 0
                last = bottom[1] if line == bottom[0] else len(whole)
                found = [*found, (first, last, "selection")]
        return cut(whole[start:end], start, found)

    def _markdown(self, line: int, text: str) -> list[Span]:
        key = text, self._editor.document.fences.inside(line)
        found = self._spans.get(key)
        if found is None:
            found = self._spans[key] = spans(text, code=key[1])
        return found

    def _paint(self, pieces: list[Piece]) -> Strip:
        width, margin, _ = self._frame
        base = self._style(())
        segments = [Segment(" " * margin, base)]
        at = 0
        for text, kinds in pieces:
            if text:
                seen = _expanded(text, at, self._editor.indent_width)
                at += cell_length(seen, 1)
                segments.append(Segment(seen, self._style(kinds)))
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, kinds: tuple[str, ...]) -> Style:
        style = self._styles.get(kinds)
        if style is None:
            style = self._styles[kinds] = self._editor.style_of(kinds)
        return style


def cut(text: str, start: int, found: Sequence[Span]) -> list[Piece]:
    """`text`, which begins at column `start` of its line, in pieces that are all of the same kinds."""
    end = start + len(text)
    inside = [
        (max(first, start) - start, min(last, end) - start, kind)
        for first, last, kind in found
        if first < end and last > start and first < last
    ]
    if not inside:
        return [(text, ())] if text else []
    edges = sorted({0, len(text), *(item[0] for item in inside), *(item[1] for item in inside)})
    return [
        (text[one:other], tuple(kind for first, last, kind in inside if first <= one and other <= last))
        for one, other in pairwise(edges)
    ]


def _with_cursor(pieces: list[Piece], column: int) -> list[Piece]:
    """The pieces with the character at `column` under the cursor; a space behind them where there is none."""
    result: list[Piece] = []
    at, placed = 0, False
    for text, kinds in pieces:
        inside = column - at
        if not placed and 0 <= inside < len(text):
            result += [(text[:inside], kinds), (text[inside], ("cursor",)), (text[inside + 1 :], kinds)]
            placed = True
        else:
            result.append((text, kinds))
        at += len(text)
    return result if placed else [*result, (" ", ("cursor",))]


def _expanded(text: str, at: int, tab: int) -> str:
    """`text` as it is seen when it begins `at` cells into its row."""
    if "\t" in text:
        text = expand_tabs_inline(" " * (at % tab) + text, tab)[at % tab :]
    return shown(text)
