r"""A draft's text as lines, changed by edits as editors report them.

Needs no screen and no torch. Positions are (row, column), both from 0, in code points; lines end with "\n" alone.
"""

from __future__ import annotations

from core.errors import UserError

Position = tuple[int, int]


class Document:
    """A text that is cheap to edit and to read near a position, however long it is."""

    def __init__(self, text: str = "") -> None:
        self.lines: list[str] = text.split("\n")
        """The lines without their line ends; at least one."""

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(self.lines)

    @property
    def end(self) -> Position:
        """The position after the last character."""
        return len(self.lines) - 1, len(self.lines[-1])

    def clip(self, position: Position) -> Position:
        """Return the nearest position that exists."""
        row, column = position
        if row < 0:
            return 0, 0
        if row >= len(self.lines):
            return self.end
        return row, max(0, min(column, len(self.lines[row])))

    def apply(self, start: Position, end: Position, text: str) -> None:
        """Replace what lies between two positions.

        Raises:
            UserError: when a position lies outside the text, or the end before the start.
        """
        start, end = (start[0], start[1]), (end[0], end[1])  # positions from the wire may be lists
        if self.clip(start) != start or self.clip(end) != end or end < start:
            raise UserError(f"the edit from {start} to {end} lies outside the draft: open the draft again")
        before = self.lines[start[0]][: start[1]]
        after = self.lines[end[0]][end[1] :]
        self.lines[start[0] : end[0] + 1] = f"{before}{text}{after}".split("\n")

    def before(self, cursor: Position, limit: int | None = None) -> str:
        """Return the text before a position: its last `limit` characters, or all of it."""
        row, column = self.clip(cursor)
        parts = [self.lines[row][:column]]
        length = column
        while row > 0 and (limit is None or length < limit):
            row -= 1
            parts.append(self.lines[row])
            length += len(self.lines[row]) + 1
        text = "\n".join(reversed(parts))
        return text if limit is None else text[max(0, len(text) - limit) :]

    def rest_of_line(self, cursor: Position) -> str:
        """Return what follows a position on its line."""
        row, column = self.clip(cursor)
        return self.lines[row][column:]
