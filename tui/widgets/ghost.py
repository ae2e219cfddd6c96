"""The ghost: what the model would write next, as the editor keeps and lays it out. No widget in here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.text import first_sentence, strip_controls
from core.words import first_word
from tui.widgets.cells import cell_length

_CHUNK = re.compile(r"[^\S\n]*[^\s]+|\n|[^\S\n]+")


@dataclass(frozen=True)
class Ghost:
    """The ways to go on from one place of the draft, of which one is shown."""

    texts: tuple[str, ...]
    """The best first; none is empty."""
    index: int = 0
    """Which of them is shown."""
    chances: tuple[float, ...] = ()
    """How likely the first word of each is, 0 to 1; empty where nobody said."""

    @property
    def text(self) -> str:
        """The one that is shown."""
        return self.texts[self.index]

    def after(self, typed: str) -> Ghost | None:
        """What is left when `typed` was written: the ways that go on from it, or None where the shown one does not."""
        if not self.text.startswith(typed) or self.text == typed:
            return None
        shown = self.text[len(typed) :]
        rest = [text[len(typed) :] for text in self.texts if text.startswith(typed) and text != typed]
        texts = tuple(dict.fromkeys(rest))
        return Ghost(texts, texts.index(shown))  # how likely each was is no longer so

    def turned(self, by: int) -> Ghost:
        """The next (1) or previous (-1) alternative shown."""
        return replace(self, index=(self.index + by) % len(self.texts))


def make_ghost(texts: Sequence[str], chances: Sequence[float] = ()) -> Ghost | None:
    """A ghost of what the engine says, without control characters, empty texts and repetitions."""
    clean: dict[str, float] = {}
    for text, chance in zip(map(strip_controls, texts), chances or [0.0] * len(texts), strict=True):
        if text.strip():
            clean.setdefault(text, chance)
    return Ghost(tuple(clean), 0, tuple(clean.values()) if chances else ()) if clean else None


@dataclass(frozen=True)
class Layout:
    """How much of a ghost has room, and where."""

    rows: tuple[str, ...] = ()
    """What stands on the cursor's row, behind the cursor, and on the rows below it, from their start."""
    shown: int = 0
    """Characters of the ghost that are on these rows; whole words."""


def lay_out(text: str, x: int, width: int, rows: int, tab: int) -> Layout:
    """Wrap a ghost from cell `x` of a row of `width` cells, over `rows` rows at the most; no word is cut for want
    of rows.
    """
    lines, line, at, shown = list[str](), "", x, 0
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        size = cell_length(chunk, tab)
        if chunk == "\n" or (at + size > width and at > 0 and not chunk.isspace()):
            if len(lines) + 1 >= rows:
                break
            lines.append(line)
            chunk = chunk.lstrip()
            line, at, size = "", 0, cell_length(chunk, tab)
        if at + size > width and not chunk.isspace():
            break  # a word longer than a row
        line += chunk
        at += size
        shown = match.end()
    lines.append(line)
    return Layout(tuple(lines), shown) if text[:shown].strip() else Layout()


def word_of(text: str) -> str:
    """The first word of a ghost with the space before it: what one key takes."""
    return first_word(text)


def sentence_of(text: str) -> str:
    """The ghost up to the end of its first sentence."""
    return first_sentence(text)


def words_left(text: str) -> int:
    """How many words of a ghost are left, a word begun included."""
    return len(text.split())
