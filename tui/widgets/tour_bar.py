"""The bar that tells what to try: a step of the tour, above the status line."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class TourBar(Static):
    """Takes as many rows as its step needs; none when there is no tour."""

    DEFAULT_CSS = """
    TourBar {
        display: none;
        height: auto;
        max-height: 6;
        padding: 0 2;
        background: $accent 18%;
        color: $foreground;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, place: str, text: str, ways: str) -> None:
        """Show a step: where it is among the others, what to try, and the keys that lead on."""
        self.update(Content.assemble((f"{place}  ", "bold $text-accent"), text, "  ", (ways, "$text-muted")))
        self.add_class("-shown")

    def hide(self) -> None:
        """Take no room."""
        self.remove_class("-shown")
