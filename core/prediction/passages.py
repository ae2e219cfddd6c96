"""Which text of a draft its memory holds: the lines around the cursor, but not the word that is being typed.

Needs no screen. It looks at the draft at every request, so it need not be told of edits; what changed since the last
one is taken out and in, a line at a time. The memory depends on the text and the cursor alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from core.drafts.document import Document, Position
from core.words import typed_start
from models.draft import DraftMemory

BEFORE = 48_000
"""Characters before the cursor that are remembered, whole lines."""
AFTER = 16_000
"""Characters after the cursor that are."""
ROWS = 2_000
"""Lines on either side of it that are, at most."""
LONG = 1_000
"""Characters from which on a line is remembered in pieces: an edit then costs a piece."""

Encode = Callable[[Sequence[str]], list[list[int]]]


class Passages:
    """Keeps a memory at what a draft says."""

    def __init__(self, memory: DraftMemory, encode: Encode) -> None:
        """Take the memory, empty, and what turns texts into tokens."""
        self._memory = memory
        self._encode = encode
        self._held: dict[str, list[int]] = {}  # numbers of the passages that a text is in
        self._texts: list[str] = []
        self._before = _Stretch(_before)
        self._after = _Stretch(_after)

    def follow(self, document: Document, cursor: Position, after: str = "") -> None:
        """Have the memory hold the draft as it is.

        Args:
            document: the draft.
            cursor: a position in it.
            after: text to be taken as if it stood at the cursor.
        """
        texts = self._wanted(document, cursor, after)
        if texts != self._texts:
            self._replace(texts)
            self._texts = texts

    def _wanted(self, document: Document, cursor: Position, after: str) -> list[str]:
        """Return the passages to remember, in their order."""
        lines = document.lines
        row, column = document.clip(cursor)
        *inserted, last = (lines[row][:column] + after).split("\n")
        tail = lines[row][column:][:AFTER]
        return [
            *self._before.passages(lines[max(0, row - ROWS) : row]),
            *_cut(inserted),
            *_pieces(last[: typed_start(last)][-BEFORE:]),
            *_pieces_backwards(tail[_word_end(tail) :]),
            *self._after.passages(lines[row + 1 : row + 1 + ROWS]),
        ]

    def _replace(self, texts: list[str]) -> None:
        old, new = Counter(self._texts), Counter(texts)
        for text, times in (old - new).items():
            for _ in range(times):
                self._memory.remove(self._held[text].pop())
            if not self._held[text]:
                del self._held[text]
        added = [text for text in (new - old).elements() if text]
        for text, tokens in zip(added, self._encode(added) if added else (), strict=True):
            self._held.setdefault(text, []).append(self._memory.add(tokens))


class _Stretch:
    """The passages of whole lines, cut anew only when a line is another: few keys change one."""

    def __init__(self, near: Callable[[list[str]], list[str]]) -> None:
        """Take what chooses the lines that are near enough."""
        self._near = near
        self._lines: list[str] = []
        self._passages: list[str] = []

    def passages(self, lines: list[str]) -> list[str]:
        """Return the passages of those of some lines that are near enough."""
        if lines != self._lines:
            self._lines, self._passages = lines, _cut(self._near(lines))
        return self._passages


def _cut(lines: Sequence[str]) -> list[str]:
    """Return lines, long ones in pieces."""
    if max(map(len, lines), default=0) <= LONG:
        return [line for line in lines if line]
    return [piece for line in lines for piece in _pieces(line)]


def _before(lines: list[str]) -> list[str]:
    first, room = len(lines), BEFORE
    while first and len(lines[first - 1]) <= room:
        first -= 1
        room -= len(lines[first])
    return lines[first:]


def _after(lines: list[str]) -> list[str]:
    last, room = 0, AFTER
    while last < len(lines) and len(lines[last]) <= room:
        room -= len(lines[last])
        last += 1
    return lines[:last]


def _word_end(text: str) -> int:
    """Return where the rest of the word at the cursor ends."""
    return next((at for at, character in enumerate(text) if character.isspace()), len(text))


def _pieces(line: str) -> list[str]:
    """Cut a long line at spaces, from its beginning on, so that what is typed at its end changes the last piece."""
    pieces: list[str] = []
    start = 0
    while len(line) - start > LONG:
        cut = line.find(" ", start + LONG)
        if cut < 0:
            break
        pieces.append(line[start:cut])
        start = cut
    return [*pieces, line[start:]] if start < len(line) else pieces


def _pieces_backwards(line: str) -> list[str]:
    """Cut a long line at spaces, from its end on, so that what is typed before it changes no piece."""
    pieces: list[str] = []
    end = len(line)
    while end > LONG:
        cut = line.rfind(" ", 0, end - LONG)
        if cut <= 0:
            break
        pieces.append(line[cut:end])
        end = cut
    return [line[:end], *reversed(pieces)] if end else list(reversed(pieces))
