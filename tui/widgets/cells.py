"""How many cells text takes, and where lines of prose break. Pure functions; a fast way for plain ASCII."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len, get_character_cell_size
from textual.expand_tabs import expand_tabs_inline

from core.text import shown

_CHUNK: Final = re.compile(r"\S+\s*|\s+")
_FOLDED_AT_ONCE: Final = 4096
"""Cells above which a chunk is measured by its characters one by one rather than as a whole."""


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
    at = 0  # cells used in the present row
    for match in _CHUNK.finditer(line):
        chunk = match.group()
        size = _chunk_size(chunk, at, tab)
        hang = 1 if chunk[-1].isspace() and chunk[-1] != "\t" else 0
        if at + size - hang <= width:
            at += size
            continue
        start = match.start()
        if at and not chunk.isspace():
            breaks.append(start)
            at = 0
            size = _chunk_size(chunk, 0, tab)
            if size - hang <= width:
                at = size
                continue
        for index, character in enumerate(chunk, start):
            cells = _size(character, at, tab)
            hangs = character == " " and at == width and line[index + 1 : index + 2] != " "
            if at + cells > width and at and not hangs:
                breaks.append(index)
                at, cells = 0, _size(character, 0, tab)
            at += cells
    return breaks


def _chunk_size(chunk: str, at: int, tab: int) -> int:
    if chunk.isascii() and chunk.isprintable():
        return len(chunk)
    if len(chunk) < _FOLDED_AT_ONCE and "\t" not in chunk:
        return cell_len(shown(chunk))
    start = at
    for character in chunk:
        at += _size(character, at, tab)
    return at - start


def _size(character: str, at: int, tab: int) -> int:
    """Cells of one character that is drawn `at` cells from the start of its row."""
    if character == "\t":
        return tab - at % tab
    return get_character_cell_size(shown(character))
