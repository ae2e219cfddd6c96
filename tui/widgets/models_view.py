"""The Models tab: the models on this machine, what each is worth, and what can be done with the one pointed at.

It knows the library's index and nothing else: what a person wants is posted as `Wanted`, and the app does it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Grid
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from core.jobs import BASE
from core.library.library import ModelEntry
from core.text import one_line
from tui.widgets.file_picker import short
from tui.widgets.form import Form
from tui.widgets.training_progress import duration

Deed = Literal[
    "use", "rollback", "rename", "forget", "learn", "export", "import", "delete", "versions", "refresh"
]

DEEDS: Final[Mapping[Deed, str]] = {
    "use": "Use",
    "rollback": "Roll back",
    "versions": "Versions",
    "rename": "Rename",
    "forget": "Forget a file",
    "learn": "Learn on save",
    "export": "Export",
    "import": "Import",
    "delete": "Delete",
}
"""The buttons, by what they do."""
SOURCES: Final = 12
"""Files that the details name; the rest is counted."""


@dataclass(frozen=True)
class Shown:
    """A model as the tab shows it."""

    entry: ModelEntry
    megabytes: float
    """Size of the version in use."""
    learns: bool
    """Whether it learns from what is saved."""
    waiting: int
    """Characters that wait for its weights."""


class ModelList(OptionList, inherit_bindings=True):
    """The models; from its first and last the arrows go on to the controls around it."""

    def action_cursor_up(self) -> None:
        """Go up, and from the first model to the control above."""
        if self.highlighted in (None, 0):
            self._leave(-1)
        else:
            super().action_cursor_up()

    def action_cursor_down(self) -> None:
        """Go down, and from the last model to the control below."""
        if self.highlighted is None or self.highlighted >= self.option_count - 1:
            self._leave(1)
        else:
            super().action_cursor_down()

    def _leave(self, direction: int) -> None:
        form = next((parent for parent in self.ancestors if isinstance(parent, Form)), None)
        if form is not None:
            form.action_step(direction)


class ModelsView(Form):
    """A list, buttons for the model pointed at, and its details."""

    DEFAULT_CSS = """
    ModelsView {
        & > ModelList { height: auto; max-height: 12; margin: 0 1 0 1; border: none; padding: 0;
            background: transparent; scrollbar-size-vertical: 1; }
        & > ModelList > .option-list--option-highlighted { background: $panel; color: $foreground; text-style: none; }
        & > ModelList:focus > .option-list--option-highlighted { background: $panel-lighten-1; }
        & > Grid { grid-size: 2; grid-gutter: 0 1; height: auto; margin: 1 1 1 2; grid-rows: 1; }
        & > Grid > Button { width: 1fr; background: $foreground 10%; text-wrap: nowrap; text-overflow: ellipsis; }
        & > Grid > #models-delete { color: $text-error; }
        & > #models-details { height: auto; padding: 0 2; color: $text-muted; }
    }
    """

    @dataclass
    class Wanted(Message):
        """The person wants something done; `refresh` when the tab comes into view."""

        deed: Deed
        name: str
        """The model pointed at; empty where there is none."""

    def __init__(self) -> None:
        super().__init__(id="models-view")
        self._list = ModelList(compact=True, markup=False, id="models-list")
        self._buttons = {
            deed: Button(Content(label), compact=True, id=f"models-{deed}") for deed, label in DEEDS.items()
        }
        self._details = Static("", id="models-details", markup=False)
        self._shown: tuple[Shown, ...] = ()
        self._used = ""

    def compose(self) -> ComposeResult:
        """Stack list, buttons and details."""
        yield self._list
        with Grid():
            yield from self._buttons.values()
        yield self._details

    def on_show(self) -> None:
        """Ask for what is on the disk by now."""
        self.post_message(self.Wanted("refresh", self.name_pointed_at))

    @property
    def pointed_at(self) -> Shown | None:
        """The model that the buttons are about."""
        at = self._list.highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    @property
    def name_pointed_at(self) -> str:
        """Its name; empty where there is none."""
        return self.pointed_at.entry.name if self.pointed_at is not None else ""

    def show(self, models: Sequence[Shown], used: str, point_at: str = "") -> None:
        """Show these models, of which `used` writes now; point at one of them, or stay where it was."""
        wanted = point_at or self.name_pointed_at or used
        self._shown, self._used = tuple(models), used
        self._list.clear_options()
        self._list.add_options([Option(self._row(model)) for model in self._shown])
        names = [model.entry.name for model in self._shown]
        self._list.highlighted = names.index(wanted) if wanted in names else 0 if names else None
        self._show_details()

    def _row(self, model: Shown) -> Content:
        """Two lines: the name, and what it is worth."""
        entry = model.entry
        held_out = part(entry.card, "held_out")
        version = f"v{entry.version} of {len(entry.versions)}" if len(entry.versions) > 1 else ""
        facts = [version, _bits(held_out), _keys(held_out)]
        marks = [
            mark
            for mark, there in ((" in use", entry.name == self._used), (" learns", model.learns))
            if there
        ]
        return Content.assemble(
            (one_line(entry.name), "bold"),
            ("".join(marks), "$text-success"),
            ("\n  " + " · ".join(fact for fact in facts if fact), "$foreground 65%"),
        )

    def _show_details(self) -> None:
        model = self.pointed_at
        own = model is not None and model.entry.name != BASE
        for deed, button in self._buttons.items():
            needs_own = deed not in ("use", "export", "import")
            button.disabled = (needs_own and not own) or (deed != "import" and model is None)
        if model is None:
            self._details.update(Content("There is no model here: train one, or import one."))
            return
        self._buttons["rollback"].disabled |= model.entry.version == model.entry.versions[0]
        self._buttons["versions"].disabled |= len(model.entry.versions) == 1
        self._buttons["learn"].label = Content("Stop learning" if model.learns else DEEDS["learn"])
        self._details.update(Content("\n").join(Content(line) for line in details(model)))

    @on(OptionList.OptionHighlighted)
    def _point(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_details()

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Wanted("use", self.name_pointed_at))

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        deed = cast("Deed", (event.button.id or "").removeprefix("models-"))
        self.post_message(self.Wanted(deed, self.name_pointed_at))


def details(model: Shown) -> list[str]:
    """What a model is, where it comes from and what it learnt, in lines for a person."""
    from core.library.lineage import learnt_by

    entry, card = model.entry, model.entry.card
    held_out = part(card, "held_out")
    lines = [f"Made {card.get('created', '?')!s:.10} from {one_line(str(card.get('parent') or 'nothing'))}"]
    minutes = card.get("minutes")
    if isinstance(minutes, int | float):
        lines[0] += f" in {duration(60 * minutes)}" if minutes else ", in memory alone"
    lines.append(f"{model.megabytes:.0f} MB on disk")
    lines += [line for line in (_compared(held_out), _learning(model)) if line]
    sources = learnt_by(entry)
    folder = _folder_of([source["path"] for source in sources]) if len(sources) > 1 else ""
    if sources:
        where = f" in {one_line(short(Path(folder)))}" if folder else ""
        lines += ["", f"Trained on {len(sources):,} {'file' if len(sources) == 1 else 'files'}{where}:"]
    for source in sources[:SOURCES]:
        note = ", held out" if source.get("held_out") else ""
        name = os.path.relpath(source["path"], folder) if folder else source["path"]
        lines.append(f"{one_line(name)}: {_size(source)}{note}")
    if len(sources) > SOURCES:
        lines.append(f"and {len(sources) - SOURCES:,} more: foretype models show {one_line(entry.name)}")
    return lines


def _folder_of(paths: Sequence[str]) -> str:
    """The folder below which all files of some paths lie; empty where there is none to tell."""
    with contextlib.suppress(ValueError):  # none, or absolute and relative ones
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])
        return folder if folder != os.sep else ""
    return ""


def _size(source: Mapping[str, Any]) -> str:
    characters, size = source.get("characters"), source.get("bytes")
    if isinstance(characters, int):
        return f"{characters:,} characters"
    return f"{size / 1e6:.1f} MB" if isinstance(size, int) else "?"


def _compared(held_out: Mapping[str, Any]) -> str:
    after, before = held_out.get("keys_saved"), held_out.get("keys_saved_before")
    if not isinstance(after, int | float):
        return ""
    typed = held_out.get("typed")
    where = f"on {typed:,} held-out characters" if isinstance(typed, int) else "on held-out text"
    if not isinstance(before, int | float):
        return f"{after:.1%} of keys saved, {where}"
    line = f"Keys saved: {before:.1%} before, {after:.1%} after"
    difference = held_out.get("keys_difference")
    if isinstance(difference, list) and len(cast("list[object]", difference)) == 2:
        low, high = cast("list[Any]", difference)
        line += f" ({100 * low:+.1f} to {100 * high:+.1f} points, 95%)"
    return f"{line}, {where}"


def _learning(model: Shown) -> str:
    if not model.learns:
        return ""
    return f"Learns from what you save here; {model.waiting:,} characters wait for its weights"


def _bits(held_out: Mapping[str, Any]) -> str:
    """Bits per character; on a person's own text with what the parent needs there: those of other texts say nothing."""
    before, value = held_out.get("bits_per_character_before"), held_out.get("bits_per_character")
    if not isinstance(value, int | float):
        return ""
    return f"{before:.2f} → {value:.2f} bits" if isinstance(before, int | float) else f"{value:.2f} bits"


def _keys(held_out: Mapping[str, Any]) -> str:
    value = held_out.get("keys_saved")
    return f"{value:.0%} keys" if isinstance(value, int | float) else ""


def part(card: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of a card that is an object; empty where it is none."""
    value = card.get(key)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
