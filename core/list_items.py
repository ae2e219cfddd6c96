"""Items of Markdown's lists, and quotes: what the line after one begins with, and how far an item is nested.

Needs no screen and no torch.
"""

from __future__ import annotations

import re
from typing import Final

_ITEM: Final = re.compile(r"([ \t]*)(?:([-*+])|([0-9]{1,9})([.)]))([ \t]+)(\[[ xX]\][ \t]+)?")
_QUOTE: Final = re.compile(r"(?: {0,3}>[ \t]?)+")
_BREAK: Final = re.compile(r"[ \t]*([-*])([ \t]*\1){2,}[ \t]*")
"""A break between scenes, such as * * *."""


def next_item(line: str, column: int) -> str | None:
    """Return what the next line begins with where Enter is pressed at a column of a line.

    That is the mark of a quote, and of one more item in it: a number one higher, a box to be ticked; "" where the line
    says nothing, with which a list or a quote ends; None where there is neither before the column.
    """
    quote = _QUOTE.match(line)
    at = quote.end() if quote else 0
    item = _item(line[at:])
    begins = at + (item.end() if item else 0)
    if not begins or column < begins:
        return None
    if not line[begins:].strip():
        return ""
    marks = f"{line[:at].rstrip()} " if quote else ""
    if item is None:
        return marks
    indent, bullet, number, dot, space, box = item.groups()
    mark = bullet or f"{int(number) + 1}{dot}"
    return f"{marks}{indent}{mark}{space}{'[ ] ' if box else ''}"


def nesting(line: str) -> int:
    """Return by how many spaces an item is moved to lie in the one above it; 0 where a line is no item."""
    item = _item(line)
    return item.end(5) - item.end(1) if item else 0


def _item(line: str) -> re.Match[str] | None:
    return None if _BREAK.fullmatch(line) else _ITEM.match(line)
