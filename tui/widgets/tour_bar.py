"""The bar that tells what to try: a step of the tour, above the status line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static


class TourBar(Horizontal):
    """Takes as many rows as its step needs; none when there is no tour."""

    DEFAULT_CSS = """
    TourBar {
        display: none;
        height: auto;
        padding: 0 2;
        background: $accent 18%;
        color: $foreground;
        &.-shown { display: block; }
        & Static { height: auto; }
        & #tour-place { width: 5; text-style: bold; color: $text-accent; }
        & > Vertical { width: 1fr; height: auto; }
        & #tour-step { max-height: 6; }
        & #tour-ways { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._place, self._step, self._ways = (
            Static("", id=f"tour-{name}", markup=False) for name in ("place", "step", "ways")
        )

    def compose(self) -> ComposeResult:
        """Put the place before what to try, and the keys that lead on below it."""
        yield self._place
        with Vertical():
            yield self._step
            yield self._ways

    @property
    def told(self) -> tuple[str, str, str]:
        """Where the step is among the others, what to try, and the keys that lead on."""
        return str(self._place.content), str(self._step.content), str(self._ways.content)

    def show(self, place: str, text: str, ways: str) -> None:
        """Show a step: what `told` then tells."""
        for part, content in zip((self._place, self._step, self._ways), (place, text, ways), strict=True):
            part.update(content)
        self.add_class("-shown")
        self.screen.add_class("-touring")  # notices keep clear of it

    def hide(self) -> None:
        """Take no room."""
        self.remove_class("-shown")
        self.screen.remove_class("-touring")
