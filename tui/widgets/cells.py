"""How many cells text takes, and where lines of prose break. Pure functions; a fast way for plain ASCII."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, get_character_cell_size
from textual.expand_tabs import expand_tabs_inline

from core.text import shown

_NARROW: Final = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0377\u0386-\u0482\u2010-\u2027\u2030-\u205e]*"
)
"""Text that is shown as it is, one cell a character, and breaks only after spaces."""
_NO_BREAK: Final = "\u00a0\u2007\u202f"


def cell_length(text: str, tab: int) -> int:
    """Cells that `text` takes at the start of a row."""
    if text.isascii() and text.isprintable():
        return len(text)
    return cell_len(shown(expand_tabs_inline(text, tab) if "\t" in text else text))


def column_at_cell(text: str, cell: int, tab: int) -> int:
    """The index of the character of `text` that covers `cell`; the length of `text` for cells behind it."""
    if text.isascii() and text.isprintable():
        return min(max(cell, 0), len(text))
    at = 0
    for index, character in enumerate(text):
        at += _size(character, at, tab)
        if at > cell:
            return index
    return len(text)


def wrap_offsets(line: str, width: int, tab: int) -> list[int]:
    """Where `line` breaks so that each row has at most `width` cells, one space at its end not counted.

    A space at the end of a row hangs over, so that a word stays where it is when the space after it is typed; words
    longer than a row are folded. 0 cells mean no wrapping.
    """
    if not width or (len(line) <= width and line.isascii() and "\t" not in line):
        return []
    if line.isascii() and line.isprintable():
        return _wrap_ascii(line, width)
    return _wrap_any(line, width, tab)


def rewrap(
    line: str, breaks: Sequence[int], start: int, old_end: int, new_end: int, width: int, tab: int
) -> list[int]:
    """Where `line` breaks after an edit, from where it broke before: the same as `wrap_offsets`, at the cost of the
    rows that differ.

    What was from `start` to `old_end` in the old line is from `start` to `new_end` in `line`.
    """
    if not width:
        return []
    row = bisect_right(breaks, start)
    while row and _row(line, breaks[row - 2] if row > 1 else 0, width, tab)[1] > start:
        row -= 1  # where this row ended was found by looking at what the edit changed
    new = list(breaks[:row])
    at, shift = new[-1] if new else 0, new_end - old_end
    while (at := _row(line, at, width, tab)[0]) < len(line):
        new.append(at)
        same = bisect_left(breaks, at - shift)
        if at >= new_end and same < len(breaks) and breaks[same] == at - shift:
            below = breaks[same + 1 :]
            return new + [item + shift for item in below] if shift else [*new, *below]
    return new


def _wrap_ascii(line: str, width: int) -> list[int]:
    breaks: list[int] = []
    start, length = 0, len(line)
    while length - start > width:
        limit = start + width
        if line[limit] == " " and (limit + 1 == length or line[limit + 1] != " "):
            at = limit + 1  # the space hangs over
            if at == length:
                break
        else:
            at = line.rfind(" ", start, limit) + 1
            if at <= start:
                at = limit
        breaks.append(at)
        start = at
    return breaks


def _wrap_any(line: str, width: int, tab: int) -> list[int]:
    breaks: list[int] = []
    at = 0
    while (at := _row(line, at, width, tab)[0]) < len(line):
        breaks.append(at)
    return breaks


def _row(line: str, start: int, width: int, tab: int) -> tuple[int, int]:
    """Where the row that begins at `start` ends, and before which index all is that this was told from.

    The latter is behind the line's end where the end was seen. It never falls from a row to the next.
    """
    limit = start + width  # of the first character that has no room
    if not _NARROW.fullmatch(line, start, limit + 1):
        limit = _first_without_room(line, start, width, tab)
    if limit >= len(line):
        return len(line), len(line) + 1
    if line[limit] == " " and line[limit + 1 : limit + 2] != " ":
        return limit + 1, limit + 2  # the space hangs over
    at = limit
    while at > start and not _breaks_after(line[at - 1]):
        at -= 1
    return at if at > start else max(limit, start + 1), limit + 2


def _breaks_after(character: str) -> bool:
    return character == " " or (character.isspace() and character not in _NO_BREAK)


def _first_without_room(line: str, start: int, width: int, tab: int) -> int:
    """The index of the first character that does not fit on a row from `start`; the line's length if all do."""
    at, size, before = 0, 0, ""
    for index in range(start, len(line)):
        character = line[index]
        if before == "\u200d":
            size = 0  # joined to the one before
        elif character == "\ufe0f":
            size = 1 if size == 1 else 0  # it may widen the one before
        else:
            size = _size(character, at, tab)
        if at + size > width:
            return index
        at, before = at + size, character
    return len(line)


def _size(character: str, at: int, tab: int) -> int:
    """Cells of one character that is drawn `at` cells from the start of its row."""
    if character == "\t":
        return tab - at % tab
    return get_character_cell_size(shown(character))
