"""The likeliest next words under the digits that choose them, as bars; where there are few rows, in a line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.probabilities import PERCENT_WIDTH, bar, percent, shown_word

DIGITS = "1234567890"
LONGEST_BAR = 40
LEAST_COLUMN = 28
"""Cells below which words are not set in two columns."""
LEAST_FOR_BARS = 4
"""Rows below which the words stand beside each other."""


class WordBars(Widget):
    """Up to ten words with their probabilities; some are marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "word-bars--digit",
        "word-bars--word",
        "word-bars--known",
        "word-bars--percent",
        "word-bars--bar",
        "word-bars--heading",
    }

    DEFAULT_CSS = """
    WordBars {
        height: 12;
        width: 1fr;
        & > .word-bars--heading { color: $text-muted; }
        & > .word-bars--digit { color: $accent; }
        & > .word-bars--word { color: $foreground; }
        & > .word-bars--known { color: $foreground; text-style: bold; }
        & > .word-bars--percent { color: $text-muted; }
        & > .word-bars--bar { color: $primary; }
    }
    """

    words: reactive[tuple[tuple[str, float, bool], ...]] = reactive((), init=False)
    """(word, probability or -1 where it is not told, whether it is marked), the likeliest first."""
    heading: reactive[str] = reactive("", init=False)

    def show(self, words: Sequence[tuple[str, float, bool]], heading: str = "") -> None:
        """Show these words, cleaned."""
        self.heading = heading
        self.words = tuple((shown_word(text), share, known) for text, share, known in words[: len(DIGITS)])

    def render(self) -> Content:
        """Draw a heading and a line for each word, or all of them in a line."""
        if self.content_size.height < LEAST_FOR_BARS:
            return self._beside()
        heading = Content.styled(
            _cut(self.heading, self.content_size.width), self.get_visual_style("word-bars--heading")
        )
        rows = self.content_size.height - 1
        columns = max(1, min(-(-len(self.words) // rows), self.content_size.width // LEAST_COLUMN))
        width = self.content_size.width // columns
        chart = [self._column(place * rows, rows, width - (columns > 1)) for place in range(columns)]
        lines = [
            Content(" ").join(line.pad_right(max(0, width - 1 - line.cell_length)) for line in beside)
            for beside in zip_longest(*chart, fillvalue=Content(""))
        ]
        return Content("\n").join([heading, *lines])

    def _column(self, first: int, count: int, width: int) -> list[Content]:
        """The lines of some of the words, with as much of a bar as there is room for."""
        rows = self.words[first : first + count]
        widest = max((cell_len(word) for word, _, _ in rows), default=0)
        column = max(4, min(widest, 16, width - PERCENT_WIDTH - 8))
        length = min(max(1, width - column - PERCENT_WIDTH - 4), LONGEST_BAR)
        return [
            self._word(digit, set_cell_size(_cut(word, column), column), known)
            + Content.assemble(
                (_percent(share).rjust(PERCENT_WIDTH), self.get_visual_style("word-bars--percent")),
                (" " + bar(share, length), self.get_visual_style("word-bars--bar")),
            )
            for digit, (word, share, known) in zip(DIGITS[first:], rows, strict=False)
        ]

    def _word(self, digit: str, word: str, known: bool) -> Content:
        name = "word-bars--known" if known else "word-bars--word"
        return Content.assemble(
            (digit, self.get_visual_style("word-bars--digit")),
            ("▸" if known else " ", self.get_visual_style("word-bars--digit")),
            (word, self.get_visual_style(name)),
        )

    def _beside(self) -> Content:
        content = Content("")
        for digit, (word, share, known) in zip(DIGITS, self.words, strict=False):
            next_one = self._word(digit, word, known) + Content.styled(
                f" {_percent(share)}  " if share >= 0 else "  ", self.get_visual_style("word-bars--percent")
            )
            if content.cell_length + next_one.cell_length > self.content_size.width:
                break
            content += next_one
        return content


def _percent(share: float) -> str:
    return percent(share) if share >= 0 else ""


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"
