"""The likely next words, each with its probability and a bar; painted at once, and only when it changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.text import one_line, strip_controls

EIGHTHS = " ▏▎▍▌▋▊▉█"
PERCENT_WIDTH = 6
BEFORE_WORDS = "Write, and the likely next words appear here."
NO_WORDS = "No word is likely here."


def bar(share: float, width: int) -> str:
    """Return a bar of `share` (0 to 1) of `width` cells, exact to an eighth of a cell."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def percent(share: float) -> str:
    """Return a probability as a short percentage, with a decimal where it is small."""
    if share >= 0.0995:
        return f"{share:.0%}"
    return f"{share:.1%}" if share >= 0.0005 else "<0.1%"


def shown_word(text: str) -> str:
    """Return a word as it is shown: on one line, without the space before it, never empty."""
    word = strip_controls(text).replace("\n", "⏎").replace("\t", "⇥")
    if word.strip(" "):
        return word.strip(" ")
    return "␣" * min(len(word), 3) or "·"


class Probabilities(Widget):
    """A chart of words by probability. It never asks for another size, so a new word never moves the rest."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "probabilities--word",
        "probabilities--percent",
        "probabilities--bar",
        "probabilities--first",
        "probabilities--empty",
    }

    DEFAULT_CSS = """
    Probabilities {
        height: 1fr;
        min-height: 5;
        width: 1fr;
        padding: 0 1 0 2;
        & > .probabilities--word { color: $foreground; }
        & > .probabilities--first { color: $foreground; text-style: bold; }
        & > .probabilities--percent { color: $text-muted; }
        & > .probabilities--bar { color: $primary; }
        & > .probabilities--empty { color: $text-muted; text-style: italic; }
    }
    """

    words: reactive[tuple[tuple[str, float], ...]] = reactive((), init=False)
    """(word, probability), the most likely first."""
    why: reactive[str] = reactive(BEFORE_WORDS, init=False)
    """Why there are no words."""

    def show(self, words: Sequence[tuple[str, float]]) -> None:
        """Show these words, cleaned; the same words again cost no repaint."""
        self.why = NO_WORDS
        self.words = tuple(
            (shown_word(text), share if math.isfinite(share) else 0.0) for text, share in words
        )

    def show_nothing(self, why: str) -> None:
        """Show no words and say why."""
        self.words = ()
        self.why = one_line(why)

    def render(self) -> Content:
        """Draw a line for each word that fits."""
        if not self.words:
            return Content.styled(self.why, self.get_visual_style("probabilities--empty"))
        width = self.content_size.width
        rows = self.words[: max(1, self.content_size.height)]
        widest = max(cell_len(word) for word, _ in rows)
        column = max(4, min(widest, 16, width - PERCENT_WIDTH - 6))
        length = max(1, width - column - PERCENT_WIDTH - 1)
        lines = [self._line(index, word, share, column, length) for index, (word, share) in enumerate(rows)]
        return Content("\n").join(lines)

    def _line(self, index: int, word: str, share: float, column: int, length: int) -> Content:
        if cell_len(word) > column:
            word = set_cell_size(word, column - 1) + "…"
        name = "probabilities--word" if index else "probabilities--first"
        return Content.assemble(
            (set_cell_size(word, column), self.get_visual_style(name)),
            (percent(share).rjust(PERCENT_WIDTH), self.get_visual_style("probabilities--percent")),
            (" " + bar(share, length), self.get_visual_style("probabilities--bar")),
        )
