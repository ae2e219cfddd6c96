"""A dialog that asks for a name."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from core.errors import UserError
from core.jobs import check_name
from core.text import one_line
from tui.screens.dialog import Dialog


class NameDialog(Dialog["str | None"]):
    """Asks for a model's name, and says what is wrong with one that cannot be; Escape gives none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self._title, self._name = title, name

    def compose(self) -> ComposeResult:
        """Stack a line to type in, what is wrong with it, and the buttons."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Input(one_line(self._name), placeholder="a name", compact=True)
            yield Static("", classes="dialog-hint", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Rename", variant="primary", id="ok", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#ok")
    @on(Input.Submitted)
    def _take(self) -> None:
        typed = self.query_one(Input).value.strip()
        try:
            check_name(typed)
        except UserError as error:
            self.query_one(".dialog-hint", Static).update(Content(str(error)))
            return
        self.dismiss(typed)
