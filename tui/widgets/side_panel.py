"""The side panel: tabs with the controls of suggesting and of training, beside the draft."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Protocol

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import TabbedContent, TabPane, Tabs

from tui.widgets.form import Form
from tui.widgets.models_view import ModelsView
from tui.widgets.stats_view import StatsView
from tui.widgets.suggest_view import SuggestView
from tui.widgets.training_view import TrainingView


class PanelSettings(Protocol):
    """What the panel wants to know of the settings when it opens."""

    @property
    def model(self) -> str:
        """The model in use."""
        ...

    @property
    def temperature(self) -> float:
        """Temperature of suggestions, 0 to 2."""
        ...

    @property
    def eagerness(self) -> float:
        """Threshold on a ghost's probability, 0 to 1."""
        ...

    @property
    def words(self) -> int:
        """Words that a ghost may have."""
        ...


class SidePanel(Widget):
    """The tabs Suggest, Train, Models and Stats, whose views the app talks to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+pagedown", "tab(1)", "Next tab", show=False, priority=True),
        Binding("ctrl+pageup", "tab(-1)", "Previous tab", show=False, priority=True),
        # Some terminals keep those keys to themselves: the tabs are also above the first control, under the arrows.
        Binding("up", "tabs", "To the tabs", show=False),
        Binding("down", "focus_controls", "To the controls", show=False),
    ]

    DEFAULT_CSS = """
    SidePanel {
        width: 36%;
        min-width: 32;
        max-width: 44;
        height: 1fr;
        background: $surface;
        border-left: solid $foreground 15%;
        & > TabbedContent { height: 1fr; }
        & TabPane { height: 1fr; padding: 0; }
        & ContentSwitcher { height: 1fr; }
    }
    """

    def __init__(self, settings: PanelSettings, *, root: Path | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self.suggest = SuggestView(settings.temperature, settings.eagerness, settings.words, settings.model)
        self.training = TrainingView(root)
        self.models = ModelsView()
        self.stats = StatsView()

    def compose(self) -> ComposeResult:
        """Put each view in its tab."""
        with TabbedContent(initial="tab-suggest"):
            with TabPane("Suggest", id="tab-suggest"):
                yield self.suggest
            with TabPane("Train", id="tab-train"):
                yield self.training
            with TabPane("Models", id="tab-models"):
                yield self.models
            with TabPane("Stats", id="tab-stats"):
                yield self.stats

    @property
    def tabs(self) -> TabbedContent:
        """The tabs."""
        return self.query_one(TabbedContent)

    def show_tab(self, tab: str) -> None:
        """Show the tab "suggest" or "train"; a focus in the panel goes along."""
        had_focus = self.has_focus_within
        if had_focus:
            # A pane that hides with the focus in it hands it to a sibling, and that brings the pane back.
            self.screen.set_focus(self.query_one(Tabs))
        self.tabs.active = f"tab-{tab}"
        if had_focus:
            self.focus_controls()

    def focus_controls(self) -> None:
        """Give the focus to the first control of the tab that shows."""
        pane = self.tabs.active_pane
        if pane is not None:
            pane.query_one(Form).focus_first()

    def action_tabs(self) -> None:
        """Give the focus to the tabs, from where the left and right keys go through them."""
        self.query_one(Tabs).focus()

    def action_focus_controls(self) -> None:
        """Go from the tabs to the first control below them."""
        if isinstance(self.screen.focused, Tabs):
            self.focus_controls()
        else:
            raise SkipAction

    def action_tab(self, direction: int) -> None:
        """Show the next (1) or the previous (-1) tab, and go to its first control."""
        names = [pane.id or "" for pane in self.query(TabPane)]
        at = (names.index(self.tabs.active) + direction) % len(names)
        self.show_tab(names[at].removeprefix("tab-"))

    @on(SuggestView.ModelsOffered)
    def _pass_on_models(self, event: SuggestView.ModelsOffered) -> None:
        event.stop()
        self.training.set_models(event.names)

    @on(SuggestView.ModelShown)
    def _pass_on_model(self, event: SuggestView.ModelShown) -> None:
        event.stop()
        self.training.show_in_use(event.name)
