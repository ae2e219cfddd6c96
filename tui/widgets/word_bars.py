"""The likeliest next words under the digits that choose them, as bars; where there are few rows, in a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.probabilities import PERCENT_WIDTH, bar, percent, shown_word

DIGITS = "1234567890"
LEAST_FOR_BARS = 4
"""Rows below which the words stand beside each other."""


class WordBars(Widget):
    """Up to ten words with their probabilities; those that the tree has already are marked."""

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
    """(word, probability, whether it is chosen or known already), the likeliest first."""
    heading: reactive[str] = reactive("", init=False)

    def show(self, words: Sequence[tuple[str, float, bool]], heading: str = "") -> None:
        """Show these words, cleaned."""
        self.heading = heading
        self.words = tuple((shown_word(text), share, known) for text, share, known in words[: len(DIGITS)])

    def render(self) -> Content:
        """Draw a heading and a line for each word, or all of them in a line."""
        if self.content_size.height < LEAST_FOR_BARS:
            return self._beside()
        rows = self.words[: max(1, self.content_size.height - 1)]
        width = self.content_size.width - 2
        widest = max((cell_len(word) for word, _, _ in rows), default=0)
        column = max(4, min(widest, 16, width - PERCENT_WIDTH - 6))
        length = max(1, width - column - PERCENT_WIDTH - 2)
        lines = [Content.styled(_cut(self.heading, width + 2), self.get_visual_style("word-bars--heading"))]
        for digit, (word, share, known) in zip(DIGITS, rows, strict=False):
            lines.append(
                self._word(digit, set_cell_size(_cut(word, column), column), known)
                + Content.assemble(
                    (percent(share).rjust(PERCENT_WIDTH), self.get_visual_style("word-bars--percent")),
                    (" " + bar(share, length), self.get_visual_style("word-bars--bar")),
                )
            )
        return Content("\n").join(lines)

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
                f" {percent(share)}  ", self.get_visual_style("word-bars--percent")
            )
            if content.cell_length + next_one.cell_length > self.content_size.width:
                break
            content += next_one
        return content


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"
