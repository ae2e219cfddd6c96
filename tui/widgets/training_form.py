"""What to learn from, what to start from and for how long: the form that makes a training job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Select, Static

from core.errors import UserError
from core.jobs import BASE, CELLS, LEVELS, RESERVED_NAMES, TrainingJob
from core.text import one_line
from tui.widgets.file_picker import FilePicker
from tui.widgets.form import Choice, Row
from tui.widgets.slider import Slider

NOTHING: Final = ""
"""The value of the choice to start from nothing: no model can have this name."""
CELL_LABELS: Final = {"lstm": "LSTM", "gru": "GRU", "rnn": "simple RNN"}
LEVEL_LABELS: Final = {"subword": "subwords", "char": "characters", "word": "words"}


def minutes_text(minutes: float) -> str:
    """Return minutes as they are shown on the slider; none are for a memory alone."""
    return f"{minutes:g} min" if minutes else "memory"


class TrainingForm(Vertical):
    """Sources, name, start, level, cell, minutes and a button; says in one line what is missing."""

    DEFAULT_CSS = """
    TrainingForm {
        height: auto;
        & > .form--heading { height: 1; padding: 0 2; color: $text-muted; }
        & > #training-own { height: 1; margin: 1 0 0 0; }
        & > #training-note { height: auto; padding: 0 2; margin: 1 0 0 0; color: $text-muted; }
        & > #training-error { height: auto; padding: 0 2; margin: 1 0 0 0; color: $text-error; }
        & > #training-error { display: none; }
        & > #training-error.-shown { display: block; }
        & > #training-start { margin: 1 1 1 2; width: 1fr; }
    }
    """

    @dataclass
    class Submitted(Message):
        """The form is filled in, and the person wants to start."""

        job: TrainingJob

    def __init__(self, root: Path | None = None) -> None:
        super().__init__(id="training-form")
        self.picker = FilePicker(root, id="training-sources")
        self._models: tuple[str, ...] = ()
        self._own_name = Input("mine", placeholder="a name for the model", compact=True, id="training-name")
        self._start = Choice(self._parents(), value=BASE, id="training-parent")
        self._level = Choice(
            [(LEVEL_LABELS[level], level) for level in LEVELS],
            value=LEVELS[0],
            id="training-level",
            disabled=True,
        )
        self._cell = Choice(
            [(CELL_LABELS[cell], cell) for cell in CELLS], value=CELLS[0], id="training-cell", disabled=True
        )
        self._minutes = Slider(
            "Time", 0, 120, 10, step=1, leap=10, describe=minutes_text, id="training-minutes"
        )
        self._button = Button("Start training", variant="primary", compact=True, id="training-start")
        self._note = Static("", id="training-note")
        self._error = Static("", id="training-error")

    def compose(self) -> ComposeResult:
        """Stack the form."""
        yield Static(Content("Learn from"), classes="form--heading")
        yield self.picker
        yield Row("Name", self._own_name, id="training-own")
        yield Row("Start from", self._start)
        yield Row("Level", self._level)
        yield Row("Cell", self._cell)
        yield self._minutes
        yield self._note
        yield self._error
        yield self._button

    def on_mount(self) -> None:
        """Say what the choices mean."""
        self._explain()

    def _parents(self) -> list[tuple[str, str]]:
        personal = [(name, name) for name in self._models if name not in RESERVED_NAMES]
        return [(BASE, BASE), *personal, ("nothing", NOTHING)]

    def set_models(self, names: Sequence[str]) -> None:
        """Offer these models to start from, beside the base model and nothing."""
        self._models = tuple(dict.fromkeys(names))
        options = self._parents()
        value = self._start.value
        kept = value if any(value == offered for _, offered in options) else BASE
        self._start.offer(options, str(kept))
        self._explain()

    @property
    def parent_model(self) -> str | None:
        """The model to start from; None for nothing."""
        value = self._start.value
        return value if isinstance(value, str) and value != NOTHING else None

    def _explain(self) -> None:
        parent, name = self.parent_model, self._own_name.value.strip()
        self._level.disabled = self._cell.disabled = parent is not None
        if name in self._models and name not in RESERVED_NAMES:
            ending = f"makes a new version of {one_line(name)}"
        else:
            ending = "makes a new model"
        if parent is not None and self._minutes.value == 0:
            self._note.update(
                Content(f"Remembers your text, ready in seconds, and learns nothing else; {ending}.")
            )
        elif parent is None:
            self._note.update(Content(f"Begins empty: needs a book and more time; {ending}."))
        else:
            self._note.update(Content(f"Keeps level and cell of {one_line(parent)}; {ending}."))

    def job(self) -> TrainingJob:
        """Return the job that the form describes. Raises UserError with one line on what to put right."""
        if not self.picker.paths:
            raise UserError("nothing chosen: mark files or folders with Space, or type a path")
        gone = next((path for path in self.picker.paths if not path.exists()), None)
        if gone is not None:
            raise UserError(f"{one_line(str(gone))} is gone: choose again")
        parent = self.parent_model
        return TrainingJob(
            paths=tuple(str(path) for path in self.picker.paths),
            name=self._own_name.value.strip(),
            parent=parent,
            level=str(self._level.value),
            cell=str(self._cell.value),
            minutes=self._minutes.value,
        )

    def show_error(self, line: str) -> None:
        """Show one line on what went wrong; an empty one takes it away."""
        self._error.update(Content(one_line(line)))
        self._error.set_class(bool(line), "-shown")
        if line:
            self.call_after_refresh(self._error.scroll_visible, animate=False)

    def focus_start(self) -> None:
        """Give the focus to the button under the error, from where the form is one key away."""
        self._button.focus(scroll_visible=False)

    def submit(self) -> None:
        """Tell of the job if the form is right, else show what is not."""
        try:
            job = self.job()
        except UserError as error:
            self.show_error(str(error))
            return
        self.show_error("")
        self.post_message(self.Submitted(job))

    @on(Button.Pressed, "#training-start")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.submit()

    @on(Select.Changed)
    @on(FilePicker.Changed)
    @on(Slider.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        self.show_error("")
        self._explain()

    @on(Input.Changed, "#training-name")
    def _named(self, event: Input.Changed) -> None:
        event.stop()
        self.show_error("")
        self._explain()

    @on(Input.Submitted, "#training-name")
    def _named_enough(self, event: Input.Submitted) -> None:
        event.stop()
        self._start.focus()
