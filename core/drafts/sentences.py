"""Where sentences begin and end in lines of prose. Needs no screen and no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

Position = tuple[int, int]

_END: Final = re.compile(r"""[.!?\u2026]+["'\u201d\u2019)\]*_]*(?=\s|$)""")
_MARK: Final = re.compile(r"\s*(?:#{1,6}\s+|[-*+>]\s+|\d{1,3}[.)]\s+)*")
"""What Markdown puts before the words of a line."""


def starts(lines: Sequence[str], row: int) -> list[int]:
    """The columns of a row at which a sentence begins."""
    line = lines[row]
    found: list[int] = []
    at = _start(line)
    if at < len(line) and _begins(lines, row, at):
        found.append(at)
    for match in _END.finditer(line, at):
        after = len(line) - len(line[match.end() :].lstrip())
        if after < len(line):
            found.append(after)
    return found


def _start(line: str) -> int:
    match = _MARK.match(line)
    return match.end() if match else 0


def _begins(lines: Sequence[str], row: int, at: int) -> bool:
    """Whether the first words of a row begin a sentence, rather than go on with one of a wrapped text."""
    if row == 0 or lines[row][:at].strip():
        return True
    above = lines[row - 1].rstrip()
    return not above or above.startswith("#") or bool(re.search(_END.pattern + r"$", above))


def start_before(lines: Sequence[str], place: Position) -> Position | None:
    """The start of the last sentence that begins before a place; None where there is none."""
    row, column = place
    while row >= 0:
        earlier = [at for at in starts(lines, row) if row < place[0] or at < column]
        if earlier:
            return row, earlier[-1]
        row -= 1
    return None


def start_after(lines: Sequence[str], place: Position) -> Position | None:
    """The start of the first sentence that begins after a place; None where there is none."""
    row, column = place
    while row < len(lines):
        later = [at for at in starts(lines, row) if row > place[0] or at > column]
        if later:
            return row, later[0]
        row += 1
    return None


def end_of(lines: Sequence[str], start: Position) -> Position:
    """The end of the sentence that begins at a place, its marks included; at the latest where the paragraph ends."""
    row, column = start
    while True:
        if match := _END.search(lines[row], column):
            return row, match.end()
        following = lines[row + 1] if row + 1 < len(lines) else ""
        if not following.strip() or _begins(lines, row + 1, _start(following)):
            return row, len(lines[row].rstrip())
        row, column = row + 1, 0
