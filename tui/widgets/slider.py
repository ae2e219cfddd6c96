"""A slider on one line: a label, a track and the value; worked by arrows, by typing a number, or by mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.form import LABEL_WIDTH

VALUE_WIDTH = 8
"""Cells kept for the value, so that the track does not change its length with it."""


class Slider(Widget, can_focus=True):
    """A number in a range. With `names` it is a choice between words, and the value is the index of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Less", show=False),
        Binding("right", "move(1)", "More", show=False),
        Binding("shift+left", "leap(-1)", "Much less", show=False),
        Binding("shift+right", "leap(1)", "Much more", show=False),
        Binding("home", "edge(-1)", "Least", show=False),
        Binding("end", "edge(1)", "Most", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "slider--label",
        "slider--filled",
        "slider--track",
        "slider--knob",
        "slider--value",
    }

    DEFAULT_CSS = """
    Slider {
        height: 1;
        width: 1fr;
        padding: 0 1 0 0;
        & > .slider--label { color: $text-muted; }
        & > .slider--filled { color: $primary; }
        & > .slider--track { color: $foreground 25%; }
        & > .slider--knob { color: $primary; }
        & > .slider--value { color: $foreground; }
        &:hover { background: $boost; }
        &:focus {
            background: $boost;
            background-tint: $foreground 8%;
            & > .slider--label { color: $foreground; text-style: bold; }
            & > .slider--filled { color: $accent; }
            & > .slider--knob { color: $accent; text-style: bold; }
            & > .slider--value { text-style: bold; }
        }
        &:disabled { opacity: 60%; }
    }
    """

    value: reactive[float] = reactive(0.0, init=False)
    """The value, always within the range."""
    entry: reactive[str] = reactive("", init=False)
    """What is being typed and was not taken yet."""

    @dataclass
    class Changed(Message):
        """The person chose another value."""

        slider: Slider
        value: float

        @property
        def control(self) -> Slider:
            """The slider that moved."""
            return self.slider

        def can_replace(self, message: Message) -> bool:
            """A newer value makes an older one that waits in the queue pointless."""
            return isinstance(message, Slider.Changed) and message.slider is self.slider

    def __init__(
        self,
        label: str,
        low: float,
        high: float,
        value: float,
        *,
        step: float = 1.0,
        leap: float = 10.0,
        decimals: int = 0,
        names: Sequence[str] = (),
        describe: Callable[[float], str] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self.low, self.high = low, high
        self.step, self.leap = step, leap
        self.decimals = decimals
        self.names = tuple(names)
        self._describe = describe
        self._dragging = False
        self.set_reactive(Slider.value, self._fitted(value))

    def _fitted(self, value: float) -> float:
        return round(min(max(value, self.low), self.high), self.decimals)

    def validate_value(self, value: float) -> float:
        """Keep the value in the range."""
        return self._fitted(value)

    def set_value(self, value: float) -> None:
        """Move to the value in the range nearest to `value`, without telling anybody that it changed."""
        self.value = value

    def _choose(self, value: float) -> None:
        """Move there because the person said so."""
        before = self.value
        self.value = value
        if self.value != before:
            self.post_message(self.Changed(self, self.value))

    # -- what it looks like

    @property
    def value_text(self) -> str:
        """The value as it is shown."""
        if self.names:
            return self.names[int(self.value)]
        if self._describe is not None:
            return self._describe(self.value)
        return f"{self.value:.{self.decimals}f}"

    def _track(self) -> tuple[int, int]:
        """Return where the track starts and how many cells it has."""
        return LABEL_WIDTH, max(3, self.content_size.width - LABEL_WIDTH - VALUE_WIDTH)

    def render(self) -> Content:
        """Draw label, track and value; the mark before the label says where the focus is, without colour."""
        _, length = self._track()
        share = (self.value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        at = round(share * (length - 1))
        mark = "▸ " if self.has_focus else "  "
        line, knob = ("━", "●") if self.has_focus else ("─", "●")
        shown = f"{self.entry}▏" if self.entry else self.value_text
        return Content.assemble(
            (f"{mark}{self.label}"[:LABEL_WIDTH].ljust(LABEL_WIDTH), self.get_visual_style("slider--label")),
            (line * at, self.get_visual_style("slider--filled")),
            (knob, self.get_visual_style("slider--knob")),
            ("─" * (length - 1 - at), self.get_visual_style("slider--track")),
            (shown[:VALUE_WIDTH].rjust(VALUE_WIDTH), self.get_visual_style("slider--value")),
        )

    # -- the keyboard

    def action_move(self, direction: int) -> None:
        """Move by one step to the next multiple of it."""
        self.entry = ""
        self._choose(self.value + direction * self.step)

    def action_leap(self, direction: int) -> None:
        """Move by a large step."""
        self.entry = ""
        self._choose(self.value + direction * (1 if self.names else self.leap))

    def action_edge(self, direction: int) -> None:
        """Move to the lower (-1) or the upper (1) end of the range."""
        self.entry = ""
        self._choose(self.low if direction < 0 else self.high)

    def take_entry(self) -> None:
        """Move to the number that was typed, or say why not and stay."""
        text, self.entry = self.entry.replace(",", "."), ""
        try:
            number = float(text)
        except ValueError:
            self._refuse(text)
            return
        if self.low <= number <= self.high:
            self._choose(number)
        else:
            self._refuse(text)

    def _refuse(self, text: str) -> None:
        span = f"{self.low:g} to {self.high:g}"
        self.notify(f"{self.label} cannot be {text}: use {span}", severity="warning", markup=False)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say which keys are typed into the slider rather than bound elsewhere."""
        return self._takes(character)

    def _takes(self, character: str | None) -> bool:
        if not character or len(character) != 1:
            return False
        if self.names:
            return any(name.startswith(character.lower()) for name in self.names)
        return character.isascii() and (character.isdigit() or character in ".,")

    def on_key(self, event: events.Key) -> None:
        """Collect the digits of a number, or jump to the choice that starts with the letter.

        Handled here and not by bindings, because a screen hears of a key before bindings do, and Escape has a
        meaning there too.
        """
        character = event.character
        if self.entry and event.key in ("enter", "escape", "backspace"):
            event.stop()
            event.prevent_default()
            self._edit_entry(event.key)
            return
        if character is None or not self._takes(character):
            return
        event.stop()
        event.prevent_default()
        if self.names:
            self._choose(next(i for i, name in enumerate(self.names) if name.startswith(character.lower())))
        elif len(self.entry) < 6:
            self.entry += character

    def _edit_entry(self, key: str) -> None:
        if key == "enter":
            self.take_entry()
        else:
            self.entry = self.entry[:-1] if key == "backspace" else ""

    def on_blur(self) -> None:
        """Take what was typed when the person goes on to something else."""
        if self.entry:
            self.take_entry()

    # -- the mouse

    def _drag_to(self, x: int) -> None:
        start, length = self._track()
        share = min(max((x - start) / (length - 1), 0.0), 1.0)
        self.entry = ""
        self._choose(self.low + round(share * (self.high - self.low) / self.step) * self.step)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start to drag the knob; a click on the label only takes the focus."""
        start, length = self._track()
        if event.button == 1 and start <= event.x < start + length:
            event.stop()
            self._dragging = True
            self.capture_mouse()
            self._drag_to(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the knob follow the mouse while its button is down."""
        if self._dragging:
            event.stop()
            self._drag_to(event.x)

    def on_mouse_up(self) -> None:
        """Let go of the knob."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()
