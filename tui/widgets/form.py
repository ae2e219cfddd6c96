"""What a form in the side panel is made of: labelled rows, choices, a scroll that the arrows walk through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Select, Static

from core.text import one_line

LABEL_WIDTH = 14
"""Cells that the label of a row takes; sliders and rows share it, so that what they hold lines up."""


class Choice(Select[str], inherit_bindings=False):
    """A one-line chooser that leaves the up and down keys to the form around it, and never parses markup."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "show_overlay", "Choose", show=False)]

    DEFAULT_CSS = """
    Choice {
        width: 1fr;
        height: 1;
        & > SelectCurrent { background: transparent; }
        & > SelectCurrent Static#label { text-wrap: nowrap; text-overflow: ellipsis; }
        &:focus > SelectCurrent { background: $boost; background-tint: $foreground 8%; }
        &:focus > SelectCurrent Static#label { text-style: bold; }
        &:focus > SelectCurrent .arrow { color: $foreground; text-style: bold; }
        &:disabled > SelectCurrent .arrow { visibility: hidden; }
        & > SelectOverlay { background: $panel; max-height: 10; }
    }
    """

    def __init__(
        self, options: Iterable[tuple[str, str]], *, value: str, id: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(
            _options(options), value=value, allow_blank=False, compact=True, id=id, disabled=disabled
        )

    def offer(self, options: Iterable[tuple[str, str]], value: str) -> None:
        """Offer (label, value) pairs and choose one of them, without telling anybody that it changed."""
        pairs = _options(options)
        with self.prevent(Select.Changed):
            if not self.is_mounted:
                self._setup_variables_for_options(pairs)
                self._value = value
                return
            self.set_options(pairs)
            self.value = value

    def choose(self, value: str) -> None:
        """Choose one of the values that are offered, without telling anybody that it changed."""
        with self.prevent(Select.Changed):
            self.value = value

    def on_key(self, event: events.Key) -> None:
        """Close the list on Escape before a screen hears of the key and leaves the panel."""
        if event.key == "escape" and self.expanded:
            event.stop()
            event.prevent_default()
            self.expanded = False
            self.focus()


def _options(pairs: Iterable[tuple[str, str]]) -> list[tuple[Text, str]]:
    return [(Text(one_line(label), no_wrap=True, overflow="ellipsis"), value) for label, value in pairs]


class Row(Horizontal):
    """A label and the control that it names, on one line."""

    DEFAULT_CSS = """
    Row {
        height: 1;
        & > .row--label { width: 14; padding: 0 0 0 2; color: $text-muted; }
        & > Input { width: 1fr; background: transparent; padding: 0; }
        & > Input:focus { background: $boost; background-tint: $foreground 8%; }
        /* Without a rule for the row itself Textual does not look at it when the focus moves. */
        &:focus-within { text-style: none; }
        &:focus-within > .row--label { color: $foreground; text-style: bold; }
    }
    """

    def __init__(self, label: str, control: Widget, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._control = control

    def compose(self) -> ComposeResult:
        """Show the label before the control."""
        yield Static(Content(self._label), classes="row--label")
        yield self._control


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """A scroll of controls: up and down go from one to the next, and scroll where there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Previous control", show=False),
        Binding("down", "step(1)", "Next control", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]

    DEFAULT_CSS = """
    Form {
        height: 1fr;
        width: 1fr;
        padding: 1 0 0 0;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-color: $foreground 20%;
        scrollbar-color-hover: $foreground 40%;
        scrollbar-color-active: $accent;
        scrollbar-background: $surface;
        scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface;
    }
    """

    def controls(self) -> list[Widget]:
        """Return the controls that can take the focus, from the top."""
        # The chain's own order is that of the screen, which is out of date while a tab has just come into view.
        chain = set(self.screen.focus_chain)
        return [widget for widget in self.query("*") if widget in chain]

    def action_step(self, direction: int) -> None:
        """Focus the control after (1) or before (-1) the focused one, or scroll by lines at either end.

        At the very top the key is for what is above the form.
        """
        controls = self.controls()
        focused = self.screen.focused
        index = controls.index(focused) + direction if focused in controls else 0
        if 0 <= index < len(controls):
            controls[index].focus()
        elif direction < 0 and self.scroll_y <= 0:
            raise SkipAction
        else:
            self.scroll_relative(y=2 * direction, animate=False)

    def focus_first(self) -> None:
        """Give the focus to the first control, if there is one."""
        controls = self.controls()
        if controls:
            controls[0].focus()
