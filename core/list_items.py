"""Items of Markdown's lists: what the line after one begins with. Needs no screen and no torch."""

from __future__ import annotations

import re
from typing import Final

_ITEM: Final = re.compile(r"([ \t]*)(?:([-*+])|([0-9]{1,9})([.)]))([ \t]+)(\[[ xX]\][ \t]+)?")
_BREAK: Final = re.compile(r"[ \t]*([-*])([ \t]*\1){2,}[ \t]*")
"""A break between scenes, such as * * *."""


def next_item(line: str, column: int) -> str | None:
    """Return what the next line begins with where Enter is pressed at a column of a line.

    That is the mark of one more item, a number one higher, a box to be ticked; "" where the line is an item that says
    nothing, with which a list ends; None where there is no item before the column.
    """
    item = _ITEM.match(line)
    if item is None or column < item.end() or _BREAK.fullmatch(line):
        return None
    if not line[item.end() :].strip():
        return ""
    indent, bullet, number, dot, space, box = item.groups()
    mark = bullet or f"{int(number) + 1}{dot}"
    return f"{indent}{mark}{space}{'[ ] ' if box else ''}"
