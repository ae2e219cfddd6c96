"""The two lines at the bottom: what is measured and how the draft stands, and the keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget

from core.text import one_line

_SILENCES = {"mid-line": "only at a line's end", "unfamiliar": "unfamiliar language"}
"""What the engine's and the app's words for why there is no ghost mean to a person, where they do not say it."""


@dataclass(frozen=True)
class Status:
    """What the status line shows; None leaves a part out."""

    model: str = ""
    silence: str | None = None
    milliseconds: float | None = None
    source: str | None = None
    saved_keys: float | None = None
    words: int = 0
    characters: int = 0
    selected: tuple[int, int | None] | None = None
    """Characters and words of the selection; no words where they were not counted."""
    unsaved: bool = False
    named: bool = True
    training: str | None = None


class StatusLine(Widget):
    """model · ghost 6 ms · 41% of keys saved · 1,204 words · saved. What has no room is left out from the middle."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 2; background: $panel; color: $text-muted; }
    """

    status: reactive[Status] = reactive(Status, init=False)
    note: reactive[str] = reactive("", init=False)
    """One line that takes the place of all else until it is emptied."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.set_reactive(StatusLine.status, status)

    def change(self, **parts: object) -> None:
        """Change some parts of the status."""
        self.status = replace(self.status, **parts)  # pyright: ignore[reportArgumentType]

    def render(self) -> RenderResult:
        """The line at its present width."""
        if self.note:
            return Content.styled(one_line(self.note), "$text-warning")
        return fitted(self.status, self.content_size.width)


def fitted(status: Status, width: int) -> Content:
    """The status in `width` cells; its less important parts are left out where there is no room."""
    parts = _parts(status)
    for least in (5, 4, 3, 2, 1):
        kept = [part for part in parts if part[0] <= least]
        if sum(cell_len(text) + 3 for _, text, _ in kept) - 3 <= width or least == 1:
            break
    content = Content("")
    for index, (_, text, look) in enumerate(kept):
        content += Content.assemble((" · ", "$foreground 30%") if index else "", (text, look))
    return content


def _parts(status: Status) -> list[tuple[int, str, str]]:
    """(how dispensable, text, style) of each part, in the order in which they stand."""
    if status.silence:
        ghost = f"ghost: {_SILENCES.get(status.silence, status.silence)}"
    elif status.milliseconds is not None:
        ghost = f"ghost {max(1, round(status.milliseconds))} ms"
    else:
        ghost = "ghost ready"
    parts = [(2, one_line(status.model) or "no model", "$text-accent"), (2, ghost, "")]
    if status.source:
        named = "/".join(Path(status.source).parts[-2:])
        parts.append((2, f"quoting {one_line(named)}", "$text-accent"))
    if status.training:
        parts.append((3, status.training, "$text-accent"))
    if status.saved_keys is not None:
        parts.append((4, f"{max(0.0, status.saved_keys):.0%} of keys saved", ""))
    if status.selected is not None:
        characters, words = status.selected
        told = (
            f"{characters:,} characters" if words is None else f"{_words(words)}, {characters:,} characters"
        )
        parts.append((3, f"selected: {told}", "$text-accent"))
    else:
        parts.append((3, _words(status.words), ""))
        parts.append((5, f"{status.characters:,} characters", ""))
    state = "unsaved" if status.unsaved else "saved" if status.named else "new"
    parts.append((1, state, "$text-warning" if status.unsaved else ""))
    return parts


def _words(count: int) -> str:
    return f"{count:,} {'word' if count == 1 else 'words'}"


@dataclass(frozen=True)
class KeyHint:
    """A key and what it does; `needs_ghost` ones are bright only while there is one. Without an action a click does
    nothing.
    """

    key: str
    label: str
    action: str
    needs_ghost: bool = False

    @property
    def width(self) -> int:
        """Cells that it takes."""
        return cell_len(self.key) + 1 + cell_len(self.label)


class KeyLine(Widget):
    """The keys, the most useful first; as many as there is room for. A click does what the key does."""

    DEFAULT_CSS = """
    KeyLine { height: 1; padding: 0 2; background: $panel; color: $text-muted; }
    """

    GAP: ClassVar[int] = 2
    ghost: reactive[bool] = reactive(False, init=False)
    """Whether there is a ghost."""

    def __init__(self, hints: Sequence[KeyHint]) -> None:
        super().__init__()
        self.hints = hints

    def offer(self, hints: Sequence[KeyHint]) -> None:
        """Show these keys from here on."""
        if hints != self.hints:
            self.hints = hints
            self.refresh()

    def render(self) -> RenderResult:
        """The line at its present width."""
        content = Content("")
        for at, hint in self._placed():
            bright = self.ghost or not hint.needs_ghost
            look = ("$text-accent", "$foreground 65%") if bright else ("$foreground 35%", "$foreground 35%")
            content += Content.assemble(
                " " * (at - content.cell_length), (hint.key, look[0]), " ", (hint.label, look[1])
            )
        return content

    def _placed(self) -> list[tuple[int, KeyHint]]:
        """The hints that there is room for, each with the cell at which it begins."""
        placed: list[tuple[int, KeyHint]] = []
        at = 0
        for hint in self.hints:
            if at + hint.width > self.content_size.width:
                break
            placed.append((at, hint))
            at += hint.width + self.GAP
        return placed

    async def on_click(self, event: Click) -> None:
        """Do what the key under the mouse does."""
        place = event.get_content_offset(self)
        for at, hint in self._placed() if place is not None else ():
            if place is not None and hint.action and at <= place.x < at + hint.width:
                event.stop()
                await self.app.run_action(hint.action)
