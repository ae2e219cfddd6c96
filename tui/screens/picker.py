"""A list to pick from by typing some letters of what one looks for: headings, drafts, files, versions, profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.text import one_line
from tui.screens.dialog import Dialog

T = TypeVar("T")
MOST = 200
"""Rows that are shown; letters find the others."""


@dataclass(frozen=True)
class Choice(Generic[T]):
    """Something to pick."""

    value: T
    label: str
    """What is seen, and what the letters are looked for in."""
    remark: str = ""
    """What stands behind it, less bright."""
    indent: int = 0


class Picker(Dialog["T | None"], Generic[T]):
    """Pick one of some choices; the arrows move in the list while one types, Escape picks nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice[T]], *, at: int = 0, empty: str = "") -> None:
        """`at` is the choice that is pointed at first; `empty` is said where there is none."""
        super().__init__()
        self._title, self._choices, self._at, self._empty = title, choices, at, empty
        self._found: list[Choice[T]] = []

    def compose(self) -> ComposeResult:
        """Stack a line to type in and the list."""
        with Vertical(classes="dialog picker"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Input(placeholder="some letters of it", compact=True)
            choices = OptionList(compact=True, markup=False)
            choices.can_focus = False  # the letters go into the line above
            yield choices
            yield Static("", classes="dialog-hint", markup=False)

    def on_mount(self) -> None:
        """Show all of them."""
        self._show("", self._at)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._show(event.value, 0 if event.value else self._at)

    def _show(self, letters: str, at: int) -> None:
        words = letters.casefold().split()
        every = [
            choice for choice in self._choices
            if all(word in f"{choice.label} {choice.remark}".casefold() for word in words)
        ]  # fmt: skip
        self._found = every[max(0, at - MOST // 2) :][:MOST]
        at -= max(0, at - MOST // 2)
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options([Option(_row(choice)) for choice in self._found])
        choices.highlighted = at if self._found else None
        choices.scroll_to_highlight()
        hint = self._empty if not self._choices else "nothing like that" if not every else ""
        if len(every) > len(self._found):
            hint = f"{len(self._found)} of {len(every):,}"
        self.query_one(".dialog-hint", Static).update(Content(hint))

    def action_move(self, by: int) -> None:
        """Point at another one."""
        choices = self.query_one(OptionList)
        if self._found:
            choices.highlighted = max(0, min((choices.highlighted or 0) + by, len(self._found) - 1))

    @on(Input.Submitted)
    def _pick(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._found):
            self.dismiss(self._found[at].value)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index].value)


def _row(choice: Choice[T]) -> Content:
    return Content.assemble(
        " " * choice.indent + one_line(choice.label), ("  " + one_line(choice.remark), "$foreground 55%")
    )
