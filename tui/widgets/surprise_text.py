"""The draft for reading, each word shaded by how surprising it is: by colour, and by style where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.document._document import Location

from core.drafts.markdown import Span
from core.exploring.surprises import Word
from tui.widgets.prose_area import ProseArea, make_page

NAMES = tuple(f"surprise-{level}" for level in range(1, 5))


class SurpriseText(ProseArea):
    """Shows a text that cannot be edited; `words` tells the words of a line with their surprises."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"editor--{name}" for name in NAMES}

    DEFAULT_CSS = """
    SurpriseText {
        & > .editor--surprise-1 { background: $warning 12%; }
        & > .editor--surprise-2 { background: $warning 28%; text-style: italic; }
        & > .editor--surprise-3 { background: $error 45%; text-style: underline; }
        & > .editor--surprise-4 { background: $error 80%; color: $background; text-style: bold underline; }
    }
    """

    def __init__(
        self,
        text: str,
        words: Callable[[int], Sequence[Word] | None],
        *,
        prose_width: int,
        id: str | None = None,
    ) -> None:
        super().__init__(prose_width=prose_width, id=id)
        self._initial = text
        self._words = words
        self.read_only = True
        self.overlays["surprise"] = self._shades

    def on_mount(self) -> None:
        """Hold the text."""
        self.show_page(make_page(self._initial, self.indent_width))
        self._initial = ""

    def _shades(self, line: int, start: int, end: int) -> list[Span]:
        words = self._words(line) or ()
        return [
            (word.start, word.end, NAMES[word.level - 1])
            for word in words
            if word.level and word.start < end and word.end > start
        ]

    def style_of(self, kinds: Sequence[str]) -> Style:
        """The style of a stretch; the shades are mixed with the background, which a terminal cannot do."""
        shade = next((kind for kind in kinds if kind in NAMES), None)
        style = super().style_of([kind for kind in kinds if kind not in NAMES])
        if shade is None or "cursor" in kinds:
            return style
        return style + self.get_component_rich_style(f"editor--{shade}")

    def replace_text(self, start: Location, end: Location, text: str) -> None:
        """Follow an edit of the draft."""
        self.document.replace_range(start, end, text)
        self._refresh_size()
        self.repaint()

    @property
    def first_row(self) -> int:
        """The line of the document at the top of the screen."""
        place = self.wrapped_document.place(self.scroll_offset.y)
        return place[0] if place is not None else 0
