"""The text under the editor: lines whose line ends and odd characters survive, wrapped at a cost that a key can pay.

Textual's Document splits at every Unicode line boundary and joins with one kind of line end; its wrapping divides a
whole line for each row of it. Both are replaced here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from itertools import accumulate, islice, pairwise
from typing import Final

from textual.document._document import Document, EditResult, Location
from textual.document._wrapped_document import WrappedDocument
from textual.expand_tabs import get_tab_widths
from textual.geometry import Offset, clamp

from core.drafts.markdown import Fences
from core.text import count_words
from tui.widgets.cells import cell_length, column_at_cell, rewrap, wrap_offsets

_BREAK: Final = re.compile(r"\r\n|\n|\r")

EditListener = Callable[[Location, Location, str], None]
"""Hears that what was from start to end became a text, whose lines are separated by a line feed."""


class _Raw(str):
    """Text whose line ends are to be kept as they are: what an edit took away and its undoing brings back."""

    __slots__ = ()


def as_it_is(text: str) -> str:
    """A text for an edit whose line ends are to stay as they are, not to become those of the document."""
    return _Raw(text)


def _split(text: str) -> tuple[list[str], list[str]]:
    """The lines of `text` and their ends; the last line's end is empty."""
    lines: list[str] = []
    ends: list[str] = []
    at = 0
    for match in _BREAK.finditer(text):
        lines.append(text[at : match.start()])
        ends.append(match.group())
        at = match.end()
    return [*lines, text[at:]], [*ends, ""]


class DraftDocument(Document):
    """Lines of text, each with the line end that it came with; new lines get the commonest one."""

    def __init__(self, text: str) -> None:
        self._lines, self._ends = _split(text)
        common = Counter(self._ends[:-1]).most_common(1)
        self._newline = common[0][0] if common else "\n"  # pyright: ignore[reportAttributeAccessIssue]
        self.words = sum(map(count_words, self._lines))
        """Words in the document; kept up to date by looking only at what an edit touches."""
        self.characters = sum(map(len, self._lines))
        """Characters in the document without its line ends; kept up to date too."""
        self.fences = Fences(self._lines)
        self.version = 0
        """Grows with every edit."""
        self.undone = -1
        """The version at the end of the last undoing or redoing, which may be a text that was there before."""
        self.listener: EditListener | None = None

    @property
    def text(self) -> str:
        """The text exactly as it goes into the file."""
        return "".join([part for pair in zip(self._lines, self._ends, strict=True) for part in pair])

    @property
    def plain_text(self) -> str:
        """The text with a line feed at the end of each line, as the engine knows it."""
        return "\n".join(self._lines)

    def clamp(self, location: Location) -> Location:
        """The place in the document nearest to `location`."""
        row, column = location
        if row >= len(self._lines):
            return self.end
        row = max(0, row)
        return row, clamp(column, 0, len(self._lines[row]))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace what is from `start` to `end`: the one way in which the document changes."""
        top, bottom = sorted((self.clamp(start), self.clamp(end)))
        lines, ends = _split(text)
        if not isinstance(text, _Raw):
            ends = [self._newline] * (len(lines) - 1) + [""]
        replaced = _Raw(self._raw_range(top, bottom))
        before = self._words_around(top, bottom)

        first, last = top[0], bottom[0]
        rest, rest_end = self._lines[last][bottom[1] :], self._ends[last]
        self.characters += sum(map(len, lines)) - self.length(top, bottom)
        end_location = (first + len(lines) - 1, len(lines[-1]) + (top[1] if len(lines) == 1 else 0))
        lines[0] = self._lines[first][: top[1]] + lines[0]
        lines[-1] += rest
        ends[-1] = rest_end
        self._lines[first : last + 1] = lines
        self._ends[first : last + 1] = ends

        self.words += self._words_around(top, end_location) - before
        self.fences.follow(first, last, end_location[0], self._lines)
        self.version += 1
        if self.listener is not None:
            self.listener(top, bottom, "\n".join(_split(text)[0]))
        return EditResult(end_location, replaced)

    def get_text_range(self, start: Location, end: Location) -> str:
        """The text from `start` to `end`, with a line feed between lines: what the clipboard gets."""
        top, bottom = sorted((self.clamp(start), self.clamp(end)))
        if top[0] == bottom[0]:
            return self._lines[top[0]][top[1] : bottom[1]]
        middle = self._lines[top[0] + 1 : bottom[0]]
        return "\n".join([self._lines[top[0]][top[1] :], *middle, self._lines[bottom[0]][: bottom[1]]])

    def length(self, top: Location, bottom: Location) -> int:
        """Characters from `top` to `bottom`, line ends not counted."""
        if top[0] == bottom[0]:
            return bottom[1] - top[1]
        return sum(map(len, self._lines[top[0] : bottom[0]])) - top[1] + bottom[1]

    def _raw_range(self, top: Location, bottom: Location) -> str:
        if top[0] == bottom[0]:
            return self._lines[top[0]][top[1] : bottom[1]]
        parts = [self._lines[top[0]][top[1] :], self._ends[top[0]]]
        for row in range(top[0] + 1, bottom[0]):
            parts += (self._lines[row], self._ends[row])
        return "".join([*parts, self._lines[bottom[0]][: bottom[1]]])

    def _words_around(self, top: Location, bottom: Location) -> int:
        """Words from the start of the one that `top` touches to the end of the one that `bottom` touches."""
        line, start = self._lines[top[0]], top[1]
        while start > 0 and not line[start - 1].isspace():
            start -= 1
        line, end = self._lines[bottom[0]], bottom[1]
        while end < len(line) and not line[end].isspace():
            end += 1
        return count_words(self.get_text_range((top[0], start), (bottom[0], end)))


class ProseWrap(WrappedDocument):
    """A document's rows at a width. Every question about a row looks at that row only."""

    _wrapped_at: tuple[int, int] | None = None
    """The width and the tab width at which the rows are; they follow every edit, so that no more is needed."""
    _first_rows: list[int]
    """The row at which each line begins, and behind them the number of rows."""

    @property
    def height(self) -> int:
        """Rows in all."""
        return self._first_rows[-1]

    @property
    def width(self) -> int:
        """Cells at which lines are wrapped; 0 for not at all."""
        return self._width

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Wrap all lines at `width` cells, 0 for not at all; costs nothing where they are."""
        tab = tab_width or self._tab_width
        if self._wrapped_at == (width, tab):
            return
        self._wrapped_at = self._width, self._tab_width = width, tab
        self._wrap_offsets = [wrap_offsets(line, width, tab) for line in self.document.lines]
        self._first_rows = [0]
        self._place_from(0)

    def _place_from(self, line: int) -> None:
        """Tell anew at which row each line from `line` on begins."""
        counts = (len(breaks) + 1 for breaks in islice(self._wrap_offsets, line, None))
        self._first_rows[line:] = accumulate(counts, initial=self._first_rows[line])

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Textual's call after one or more edits, with places that need not be those of the text by then: too late
        and too vague for rows that `follow` each edit.
        """

    def follow(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Wrap anew what an edit touched; rows below move only where their number changed."""
        last = len(self._wrap_offsets) - 1
        top = clamp(min(start[0], old_end[0]), 0, min(last, self.document.line_count - 1))
        old_bottom = clamp(max(start[0], old_end[0]), top, last)
        new_bottom = clamp(max(start[0], new_end[0]), top, self.document.line_count - 1)
        lines = self.document.lines[top : new_bottom + 1]
        before = self._wrap_offsets[top]
        if before and top == old_bottom == new_bottom:
            at = start[1], old_end[1], new_end[1]
            breaks = [rewrap(lines[0], before, *at, self._width, self._tab_width)]
        else:
            breaks = [wrap_offsets(line, self._width, self._tab_width) for line in lines]
        old_counts = [len(item) + 1 for item in self._wrap_offsets[top : old_bottom + 1]]
        self._wrap_offsets[top : old_bottom + 1] = breaks
        if old_counts != [len(item) + 1 for item in breaks]:
            self._place_from(top)

    def section(self, line: int, section: int) -> tuple[int, int]:
        """Start and end of a row's text within its line."""
        breaks = self._wrap_offsets[line]
        start = breaks[section - 1] if section else 0
        end = breaks[section] if section < len(breaks) else len(self.document.get_line(line))
        return start, end

    def place(self, row: int) -> tuple[int, int, int] | None:
        """The line, and the start and end within it, that a row shows; None below the last one."""
        if not 0 <= row < self.height:
            return None
        line = bisect_right(self._first_rows, row) - 1
        return line, *self.section(line, row - self._first_rows[line])

    def row_of(self, location: Location) -> int:
        """The row, from 0, on which a place of the document is shown."""
        line, column = location
        return self._first_rows[line] + bisect_right(self._wrap_offsets[line], column)

    def location_to_offset(self, location: Location) -> Offset:
        """The cell, from the left, and the row at which a place of the document is shown."""
        line = clamp(location[0], 0, len(self._wrap_offsets) - 1)
        section = bisect_right(self._wrap_offsets[line], location[1])
        start, _ = self.section(line, section)
        before = self.document.get_line(line)[start : location[1]]
        return Offset(cell_length(before, self._tab_width), self._first_rows[line] + section)

    def offset_to_location(self, offset: Offset) -> Location:
        """The place that is shown at a cell of a row, or the one nearest to it."""
        row = clamp(offset.y, 0, self.height - 1)
        line = bisect_right(self._first_rows, row) - 1
        return line, self.get_target_document_column(line, max(0, offset.x), row - self._first_rows[line])

    def get_target_document_column(self, line_index: int, x_offset: int, y_offset: int) -> int:
        """The column of a line that is `x_offset` cells into its row `y_offset`, which may count from the end."""
        count = len(self._wrap_offsets[line_index]) + 1
        line = range(len(self._wrap_offsets))[line_index]
        section = y_offset % count
        start, end = self.section(line, section)
        column = start + column_at_cell(self.document.get_line(line)[start:end], x_offset, self._tab_width)
        # Only the last row of a line has a place behind its last character.
        return column if section == count - 1 else min(column, end - 1)

    def get_sections(self, line_index: int) -> list[str]:
        """All rows of a line; the cost is the line's length."""
        line = self.document.get_line(line_index)
        edges = [0, *self._wrap_offsets[line_index], len(line)]
        return [line[start:end] for start, end in pairwise(edges)]

    def get_tab_widths(self, line_index: int) -> list[int]:
        """Widths of the tabs of a line."""
        return [width for _, width in get_tab_widths(self.document.get_line(line_index), self._tab_width)]
