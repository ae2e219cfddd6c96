"""The Train tab: a form before a run, and the run as it goes on; it knows nothing of how training works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Button

from core import events
from core.jobs import TrainingJob
from core.library.unfinished import Unfinished
from tui.widgets.form import Form
from tui.widgets.training_form import TrainingForm
from tui.widgets.training_progress import TrainingProgress
from tui.widgets.unfinished import UnfinishedRuns


class TrainingView(Form):
    """The form while nothing runs, else the run. The app does what its messages ask and tells it events."""

    DEFAULT_CSS = """
    TrainingView {
        & > TrainingProgress { display: none; }
        &.-watching > TrainingProgress { display: block; }
        &.-watching > TrainingForm, &.-watching > UnfinishedRuns { display: none; }
    }
    """

    running: reactive[bool] = reactive(False, init=False)
    """Whether a run is on; the app may set it when it learns of a run's end in another way."""

    @dataclass
    class Start(Message):
        """The person wants this trained."""

        job: TrainingJob

    class Pause(Message):
        """The person wants the run to stand still."""

    class Resume(Message):
        """The person wants the run to go on."""

    class Stop(Message):
        """The person wants the run to end and its best to be kept."""

    @dataclass
    class ResumeRun(Message):
        """The person wants an interrupted run to go on."""

        run: Unfinished

    @dataclass
    class DiscardRun(Message):
        """The person does not want an interrupted run any more."""

        run: Unfinished

    @dataclass
    class UseModel(Message):
        """The person wants to write with the model that was trained."""

        name: str

    def __init__(self, root: Path | None = None) -> None:
        super().__init__(id="training-view")
        self.unfinished = UnfinishedRuns()
        self.form = TrainingForm(root)
        self.progress = TrainingProgress()
        self._finished: events.Finished | None = None

    def compose(self) -> ComposeResult:
        """Hold both, of which one shows, and what was interrupted above the form."""
        yield self.unfinished
        yield self.form
        yield self.progress

    def set_models(self, names: Sequence[str]) -> None:
        """Offer these models to start from."""
        self.form.set_models(names)

    def set_unfinished(self, runs: Sequence[Unfinished]) -> None:
        """Offer to go on with the first of these interrupted runs."""
        self.unfinished.offer(runs)

    def show_in_use(self, name: str) -> None:
        """Show which model is written with."""
        self.progress.show_in_use(name)

    def choose(self, paths: Iterable[Path]) -> None:
        """Mark these files and folders to learn from."""
        self.form.picker.choose(paths)

    def show_event(self, event: events.TrainingEvent) -> None:
        """Show what the trainer reports."""
        if not self.running and not isinstance(event, events.Finished):
            self._watch_run(None)
        self.progress.show(event)
        if isinstance(event, events.Finished):
            self._finished = event
            self.running = False
            self._watching(True)

    def show_error(self, line: str) -> None:
        """Show one line on what went wrong, over the form with all that was filled in."""
        self._watching(False, focus=self.form.focus_start)
        self.running = False
        self.form.show_error(line)

    def _watch_run(self, job: TrainingJob | None, *, resumed: bool = False) -> None:
        self._finished = None
        self.progress.begin(job, resumed=resumed)
        self.running = True
        self._watching(True)

    def _watching(self, watching: bool, focus: Callable[[], None] | None = None) -> None:
        """Show the run or the form; a focus on what hides goes to the first control, or where `focus` puts it."""
        if watching == self.has_class("-watching"):
            return
        had_focus = self.has_focus_within or self.screen.focused is None
        self.set_class(watching, "-watching")
        self.scroll_home(animate=False)
        if had_focus:
            self.call_after_refresh(focus or self.focus_first)

    def watch_running(self, running: bool) -> None:
        """Come back to the form when a run ended without a result."""
        if not running and self._finished is None:
            self._watching(False)

    @on(TrainingForm.Submitted)
    def _start(self, event: TrainingForm.Submitted) -> None:
        event.stop()
        self._watch_run(event.job)
        self.post_message(self.Start(event.job))

    @on(UnfinishedRuns.Chosen)
    def _resume(self, event: UnfinishedRuns.Chosen) -> None:
        event.stop()
        self._watch_run(event.run.job, resumed=True)
        self.post_message(self.ResumeRun(event.run))

    @on(UnfinishedRuns.Discarded)
    def _discard(self, event: UnfinishedRuns.Discarded) -> None:
        event.stop()
        self.post_message(self.DiscardRun(event.run))

    @on(Button.Pressed, "#pause")
    def _pause_or_resume(self, event: Button.Pressed) -> None:
        event.stop()
        if not self.progress.begun:
            self.notify("The texts are being read: pause when training has begun", markup=False)
            return
        self.post_message(self.Resume() if self.progress.paused else self.Pause())

    @on(Button.Pressed, "#stop")
    def _stop(self, event: Button.Pressed) -> None:
        event.stop()
        if self.progress.is_stopping:
            return
        self.progress.stopping()
        self.post_message(self.Stop())

    @on(Button.Pressed, "#use")
    def _use(self, event: Button.Pressed) -> None:
        event.stop()
        if self._finished is not None:
            self.post_message(self.UseModel(self._finished.name))

    @on(Button.Pressed, "#again")
    def _again(self, event: Button.Pressed) -> None:
        event.stop()
        self._finished = None
        self._watching(False)
