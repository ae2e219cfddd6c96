"""The app: puts the writing screen, the engine and the trainer together, and keeps the settings. No torch here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import TabbedContent

from core.client import ChildError, EngineClient, EngineState, TrainerClient
from core.errors import UserError
from core.events import Finished
from core.jobs import TrainingJob
from core.library.learning import take_back
from core.library.unfinished import Unfinished, forget, unfinished_runs
from core.settings import Settings
from core.text import one_line
from tui.commands import commands
from tui.engines import Engine
from tui.flows.exploring import Exploring
from tui.flows.models import Models
from tui.flows.touring import Touring
from tui.flows.training import Trainer, TrainingRun, outcome
from tui.keymap import APP_BINDINGS, WRITING_BINDINGS, bindings_by_id, help_sections, keys_of, written
from tui.model_lines import WITHOUT_A_MODEL, described
from tui.preferences import Preferences
from tui.screens.dialogs import HelpScreen
from tui.screens.writing import WritingScreen
from tui.shell import Shell
from tui.themes import THEMES
from tui.widgets.models_view import ModelsView
from tui.widgets.suggest_view import SuggestView
from tui.widgets.training_view import TrainingView


class ForetypeApp(Shell):
    """The writing app. Tests give it an engine and a trainer of their own."""

    CSS_PATH = "app.tcss"
    TITLE = "Foretype"
    BINDINGS: ClassVar[list[BindingType]] = list(APP_BINDINGS)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 (the parent's is no ClassVar)
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        file: Path | None = None,
        *others: Path,
        make_engine: Callable[..., Engine] = EngineClient,
        make_trainer: Callable[[], Trainer] = TrainerClient,
        tour: bool = False,
    ) -> None:
        """`file` is shown and `others` are open beside it; `tour` has the tour begin, unless the person has seen it."""
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self._file, self._others = file, others
        self.make_engine = make_engine
        self.preferences = Preferences(self)
        self._keys = self.preferences.keys
        self.engine: Engine | None = None
        self.exploring = Exploring(self, self._keys)
        self.models = Models(self)
        self.touring = Touring(self, self._keys)
        self._tour = tour
        self.writing: WritingScreen  # widgets can only be made while the app runs
        self.training = TrainingRun(
            make_trainer,
            on_event=lambda event: self.writing.panel.training.show_event(event),
            on_error=self._training_failed,
            on_status=lambda line: self.writing.status.change(training=line),
        )

    # Beginning and end

    def on_mount(self) -> None:
        """Show the screen; the engine starts when it has been painted."""
        self.theme = self.settings.theme
        self.set_keymap(self._keys)
        self.writing = WritingScreen(self.settings, self._keys)
        self.push_screen(self.writing)
        self.theme_changed_signal.subscribe(self, lambda theme: self._remember(theme=theme.name))
        self.call_after_refresh(self._begin)
        self.heed_signals(self._end_at_once)

    async def _begin(self) -> None:
        if self._file is not None:
            self.writing.open_file(self._file)
            shown = self.writing.drafts.current
            for other in self._others:
                self.writing.flow.load(other)
            self.writing.drafts.show(shown)
        for line in self.preferences.problems:
            self.notify(one_line(line), severity="warning", markup=False, timeout=10)
        self._show_unfinished()
        self.models.begin()
        if self._tour and self.settings.tour:
            self.touring.begin()
        self.run_worker(self._start_engine(), group="engine")
        named = self._file.absolute() if self._file else None
        self.run_worker(self.writing.flow.recover(named, at_start=True), group="recover")

    async def _start_engine(self) -> None:
        ghosting = self.writing.ghosting
        engine = self.make_engine(
            text_of=ghosting.text_of, on_state=self._engine_state, model=self.settings.model
        )
        self.engine = self.writing.next_words.engine = engine
        self.show_models()
        ghosting.connect(engine)
        await engine.start()

    def _end_at_once(self) -> None:
        """Keep the text when the terminal is closed or somebody ends us."""
        self.writing.drafts.keep_copies_now()
        self.exit(return_code=1)

    async def on_unmount(self) -> None:
        """End the processes."""
        self.writing.next_words.close()
        self.writing.statistics.keep_now()
        self.preferences.write()
        ends = [self.training.close()]  # at once: together they take a second at most
        if self.engine is not None:
            ends.append(self.engine.close())
        await asyncio.gather(*ends)
        self.models.close()

    # The engine

    def _engine_state(self, state: EngineState, line: str) -> None:
        """The engine's client tells how it is."""
        if not self.is_running or state == "closed":
            return
        writing, engine = self.writing, self.engine
        if state == "ready" and engine is not None and engine.loaded is not None and not line:
            name = engine.loaded["name"]
            writing.status.change(model=name)
            writing.tally.model = name
            writing.panel.suggest.show_model(name, described(engine.loaded))
            writing.next_words.update(at_once=True)
        elif line:
            self.notify(one_line(line), severity="warning", markup=False)
        if state != "ready" and (engine is None or engine.loaded is None):
            writing.panel.suggest.show_nothing(WITHOUT_A_MODEL.get(state, "The model is loading."))
        if state == "failed":
            writing.status.change(model="no model")
        writing.ghosting.engine_changed()
        self.exploring.engine_changed()

    def model_names(self) -> list[str]:
        """The models on this machine."""
        from core.library.library import Library

        try:
            return Library().names()
        except UserError:
            return []

    def show_models(self) -> None:
        """Offer the models that there are by now."""
        self.writing.panel.suggest.set_models(self.model_names())

    def use_model(self, name: str) -> None:
        """Write with another model; the one before goes on until it is loaded."""
        self.run_worker(self.load_model(name), name, group="load", exclusive=True)

    def may_reload(self, name: str) -> bool:
        """Whether a model still writes, and no other was chosen that is on its way: loaded anew, it would win."""
        coming = [worker.name for worker in self.workers if worker.group == "load" and not worker.is_finished]
        return self.settings.model == name and coming in ([], [name])

    async def load_model(self, name: str, *, quiet: bool = False, keep: bool = True) -> None:
        """Load a model, and write with it when it is there; without `keep` it is for this time only."""
        if self.engine is None:
            return
        before = self.settings.model
        try:
            await self.engine.load(name)
        except ChildError:  # the state's line said why
            loaded = self.engine.loaded
            self.writing.panel.suggest.show_model(before, described(loaded) if loaded else "")
            return
        (self.preferences.remember if keep else self.preferences.try_out)(model=name)
        self.show_models()
        self.writing.ghosting.refresh()
        if not quiet and self.writing.focused_tab != "suggest":  # which shows it
            self.notify(f"{one_line(name)} suggests from here on.", markup=False)

    @on(TabbedContent.TabActivated)
    def _tab_shown(self) -> None:
        """Bring up to date what a tab shows, because nobody did while it was hidden."""
        self.writing.next_words.update(at_once=True)
        self._show_unfinished()

    # Settings

    @property
    def settings(self) -> Settings:
        """The settings as they are."""
        return self.preferences.settings

    def _remember(self, **changes: Any) -> None:
        self.preferences.remember(**changes)

    def take_keys(self) -> None:
        """The key map is another."""
        self.set_keymap(self._keys)
        self.writing.take_keys()

    @on(WritingScreen.Toggled)
    def _toggled(self, event: WritingScreen.Toggled) -> None:
        self.preferences.toggle(event.setting)

    @on(WritingScreen.Saved)
    def _saved(self, event: WritingScreen.Saved) -> None:
        self.preferences.saved(event.path)
        self.models.saved(event.path)

    @on(SuggestView.Changed)
    def _suggest_otherwise(self, event: SuggestView.Changed) -> None:
        self.writing.next_words.temperature = event.temperature
        self._remember(temperature=event.temperature, eagerness=event.eagerness, words=event.words)
        self.writing.next_words.update(at_once=True)

    @on(SuggestView.ModelChosen)
    def _choose_model(self, event: SuggestView.ModelChosen) -> None:
        self.use_model(event.name)

    # Training

    @on(TrainingView.Start)
    def _train(self, event: TrainingView.Start) -> None:
        try:
            take_back(event.job.name, event.job.paths)
        except UserError as error:
            self._training_failed(one_line(str(error)))
            return
        self.run_worker(self.run_training(event.job), group="training", description="training")

    @on(TrainingView.ResumeRun)
    def _go_on_training(self, event: TrainingView.ResumeRun) -> None:
        self.run_worker(self.run_training(event.run), group="training", description="training")

    @on(TrainingView.DiscardRun)
    def _discard_training(self, event: TrainingView.DiscardRun) -> None:
        self.run_worker(self._discard(event.run), group="training", description="discarding a run")

    async def _discard(self, run: Unfinished) -> None:
        if await self.writing.flow.may_discard_training(run.job.name):
            try:
                forget(run)
            except UserError as error:
                self.notify(one_line(str(error)), severity="error", markup=False)
            self._show_unfinished()

    def _show_unfinished(self) -> None:
        if not self.training.running:
            self.writing.panel.training.set_unfinished(unfinished_runs())

    async def run_training(self, work: TrainingJob | Unfinished, *, quiet: bool = False) -> Finished | None:
        """Train to the end, shown in the Train tab; None where nothing came of it."""
        finished = await self.training.run(work)
        self._show_unfinished()
        if finished is not None:
            self.show_models()
            if not quiet:
                self.notify(outcome(finished, self.settings.model), markup=False, timeout=12)
        return finished

    def _training_failed(self, line: str) -> None:
        self.writing.panel.training.show_error(line)
        if not self.writing.panel_open:
            self.notify(line, severity="error", markup=False)

    @on(TrainingView.Pause)
    def _pause_training(self) -> None:
        self.training.pause()

    @on(TrainingView.Resume)
    def _resume_training(self) -> None:
        self.training.go_on()

    @on(TrainingView.Stop)
    def _stop_training(self) -> None:
        self.training.stop()

    @on(TrainingView.UseModel)
    def _use_trained(self, event: TrainingView.UseModel) -> None:
        self.use_model(event.name)

    @on(ModelsView.Wanted)
    def _models_wanted(self, event: ModelsView.Wanted) -> None:
        self.models.do(event)

    # Actions

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette offers."""
        return self.exploring.commands(screen) or commands(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No action of the app's while a dialog waits for its answer."""
        if action == "tour":
            return self.touring.on  # else these keys may be others'
        if isinstance(self.screen, ModalScreen) and any(item.action == action for item in APP_BINDINGS):
            return False
        return super().check_action(action, parameters)

    async def action_run_named(self, name: str) -> None:
        """Do what the key of that name does: a click on the key line."""
        binding: Binding = bindings_by_id()[name]
        owners = ((APP_BINDINGS, self), (WRITING_BINDINGS, self.writing))
        own = [owner for bindings, owner in owners if any(item.id == name for item in bindings)]
        await self.run_action(binding.action, own[0] if own else self.writing.editor)

    def action_save(self) -> None:
        """Save the draft."""
        self.run_worker(self.writing.flow.save(self.writing.drafts.current), group="draft")

    def action_save_as(self) -> None:
        """Save the draft under another name."""
        self.run_worker(self.writing.flow.save_as(self.writing.drafts.current), group="draft")

    def action_open(self) -> None:
        """Open another file."""
        self.run_worker(self.writing.flow.open(), group="draft")

    def action_recover(self) -> None:
        """Offer what a crash left."""
        self.run_worker(self.writing.flow.recover(), group="recover")

    async def action_quit(self) -> None:
        """Leave, after asking about text that is not saved."""
        self.run_worker(self._quit(), group="draft")

    async def _quit(self) -> None:
        flow = self.writing.flow
        if await flow.may_leave() and (
            self.models.may_stop or await flow.may_end_training(self.training.begun)
        ):
            self.writing.drafts.close_all()
            self.exit()

    def action_help(self) -> None:
        """Show the keys, those of where the focus is first."""
        self.push_screen(HelpScreen(help_sections(self._keys, self.writing.focused_tab)))

    def action_help_quit(self) -> None:
        """Ctrl+C where nothing is selected: it may have been meant for either."""
        key = written(keys_of("quit", self._keys)[0])
        self.notify(f"Nothing is selected to copy. {key} leaves Foretype.", markup=False)

    def action_panel(self) -> None:
        """Go to the side panel, opening it where it is closed; from the panel: close it."""
        shown = self.writing.focused_tab is None
        self.writing.show_panel(shown)
        self._remember(panel=shown)

    def action_next_tab(self) -> None:
        """Show the panel's next tab."""
        self.writing.panel.action_tab(1)

    def action_tab(self, tab: str) -> None:
        """Open the side panel at a tab."""
        self.writing.panel.show_tab(tab)
        self.writing.show_panel(True)

    def action_control(self, name: str) -> None:
        """Open the panel at a control of what is suggested: "temperature", "eagerness" or "words"."""
        self.writing.panel.show_tab("suggest")
        self.writing.show_panel(True, focus=False)
        self.writing.panel.query_one(f"#suggest-{name}").focus()

    def action_explore(self, what: str) -> None:
        """Open one of the screens on which one explores: "explorer", "surprise" or "models"."""
        self.exploring.open(what)

    def action_tour(self, on: bool) -> None:
        """Go on with the tour, or end it."""
        if on:
            self.touring.go_on()
        else:
            self.touring.end()

    def action_toggle_ghosts(self) -> None:
        """Ghosts by themselves, or only on request."""
        self.preferences.toggle("ghosts")
