"""The Train tab in an app of its own that keeps what it is asked for, and events of a run to show in it."""

from __future__ import annotations

from pathlib import Path

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widgets import Button, Static

from core import events
from core.jobs import TrainingJob
from tui.widgets.form import Choice
from tui.widgets.training_view import TrainingView

STEP = events.Step(
    step=10, fraction=0.25, loss=3.0, bits_per_character=1.5, learning_rate=0.001, tokens_per_second=4321.0,
    seconds_left=90.0,
)  # fmt: skip

FINISHED = events.Finished("mine", "folder", 1.8, 2.0, 2.0, stopped=False, became_current=True)


class TrainingApp(App[None]):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield TrainingView(self.root)

    @property
    def view(self) -> TrainingView:
        return self.query_one(TrainingView)

    def text(self, name: str) -> str:
        return str(self.query_one(f"#{name}", Static).content)

    def shows(self, name: str) -> bool:
        return self.query_one(f"#{name}").region.area > 0

    def button(self, name: str) -> Button:
        return self.query_one(f"#{name}", Button)

    def choice(self, name: str) -> Choice:
        return self.query_one(f"#{name}", Choice)

    def on_training_view_start(self, event: TrainingView.Start) -> None:
        self.heard.append(event)

    def on_training_view_pause(self, event: TrainingView.Pause) -> None:
        self.heard.append(event)

    def on_training_view_resume(self, event: TrainingView.Resume) -> None:
        self.heard.append(event)

    def on_training_view_stop(self, event: TrainingView.Stop) -> None:
        self.heard.append(event)

    def on_training_view_use_model(self, event: TrainingView.UseModel) -> None:
        self.heard.append(event)

    @property
    def jobs(self) -> list[TrainingJob]:
        return [event.job for event in self.heard if isinstance(event, TrainingView.Start)]
