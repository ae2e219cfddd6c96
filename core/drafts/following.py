"""What changed between the texts of two requests: lets a client send its whole text and pay for the change alone.

Needs no screen and no torch.
"""

from __future__ import annotations

from core.drafts.document import Document
from core.protocol import Position

CHUNK = 4096
OVERLAP = 200
"""Characters that must agree before a text counts as a later window of the one before."""
KEPT = 1_000_000
"""Characters that are kept before the beginning of such a window."""


def common_prefix(first: str, second: str) -> int:
    """Number of characters with which both begin."""
    length = min(len(first), len(second))
    at = 0
    # Whole chunks are compared at the speed of memory; only the one that differs is looked at closely.
    while at < length and first[at : at + CHUNK] == second[at : at + CHUNK]:
        at += CHUNK
    if at >= length:
        return length
    low, high = at, min(at + CHUNK, length)
    while low < high:
        middle = (low + high + 1) // 2
        if first[at:middle] == second[at:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def position_of(text: str, offset: int) -> Position:
    """The row and column of a place in `text`."""
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


class Follower:
    """A document that follows the texts before the cursor that a stateless client sends one after the other."""

    def __init__(self) -> None:
        self.document = Document("")
        self._text = ""

    def follow(self, before: str) -> Position:
        """Make the document end as `before` does, by the smallest edit at its end; returns where its end is.

        A client that always sends the last few thousand characters sends a window that slides: what the window left
        behind stays in the document, so that its beginning is no edit.
        """
        start = self._window(before)
        same = start + common_prefix(self._text[start:], before)
        if same < len(self._text) or same < start + len(before):
            old_end = position_of(self._text, len(self._text))
            self.document.apply(position_of(self._text, same), old_end, before[same - start :])
            self._text = self._text[:start] + before
        return position_of(self._text, len(self._text))

    def _window(self, before: str) -> int:
        """Where in the text so far `before` begins: 0 unless it is a later window of it."""
        head = before[:OVERLAP]
        if len(head) < OVERLAP or self._text.startswith(head) or len(self._text) > KEPT + len(before):
            return 0
        return max(self._text.rfind(head), 0)
