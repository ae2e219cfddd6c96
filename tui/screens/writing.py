"""The screen on which one writes: the draft, the panel beside it, the two lines below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, cast

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from core.settings import Settings
from core.text import count_words, one_line
from tui.flows.counting import StatisticsKeeper
from tui.flows.drafts import CANCEL, DraftFlow
from tui.flows.finding import Finder
from tui.flows.ghosting import Ghosting, GhostStatus
from tui.flows.going import Going
from tui.flows.keeping import Keeper
from tui.flows.next_words import NextWords
from tui.flows.open_drafts import OpenDrafts
from tui.keymap import WRITING_BINDINGS, hints, panel_hints
from tui.screens.dialogs import Answer, Question
from tui.widgets.alternatives import Alternatives
from tui.widgets.editor import Editor
from tui.widgets.file_picker import SourceTree
from tui.widgets.find_bar import FindBar
from tui.widgets.side_panel import SidePanel
from tui.widgets.stats_view import StatsView
from tui.widgets.status_line import KeyLine, Status, StatusLine
from tui.widgets.tour_bar import TourBar

LEAST_WIDTH, LEAST_HEIGHT = 40, 10
COPY_SECONDS = 1.0
"""How often unsaved text is copied: a crash costs this and what the copying takes."""
LOOK_SECONDS = 2.0
"""How often the file of the draft is looked at, whether another program changed it."""
CHANGED = "was changed by another program: Ctrl+P, Open what is on disk."
MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".txt", ".text")
"""Endings of files whose Markdown is told apart."""
MOST_COUNTED = 200_000
"""Characters of a selection whose words are counted at each step of the cursor."""
FIGURES_SECONDS = 30.0
"""How often what was counted is added to the file."""
FORGET = Answer("forget", "Forget", "error")


class WritingScreen(Screen[None]):
    """Holds the parts that follow the text together; each of them does its own work."""

    BINDINGS: ClassVar[list[BindingType]] = list(WRITING_BINDINGS)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 (the parent's is no ClassVar)

    class Saved(Message):
        """A draft was saved as this file."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Toggled(Message):
        """The person turned a setting on or off."""

        def __init__(self, setting: str) -> None:
            super().__init__()
            self.setting = setting

    def __init__(self, settings: Settings, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.settings = settings
        self._keymap = keymap
        self.statistics = StatisticsKeeper(settings.model, lambda line: self.flow.say(line, wrong=True))
        self.tally = self.statistics.tally
        self.editor = Editor(prose_width=settings.width, id="editor")
        self.panel = SidePanel(settings, id="panel")
        self.status = StatusLine(Status(model=settings.model, silence="loading"))
        self.keys = KeyLine(hints(keymap))
        self.title_line = Static("", id="title", markup=False)
        self.drafts = OpenDrafts(self.editor, self._draft_shown, self._draft_closed)
        self.find_bar = FindBar()
        self.finder = Finder(self.editor, self.find_bar, lambda line: self.flow.say(line))
        self.alternatives = Alternatives()
        self.tour_bar = TourBar()
        self.ghosting = Ghosting(self.editor, self.tally, settings, self._show_ghost_status)
        self.ghosting.changed = self._text_changed
        self.editor.ghost_changed = self._show_alternatives
        self.next_words = NextWords(
            lambda: (self.ghosting.draft, self.editor.cursor_location),
            lambda words, note: self.panel.suggest.show_words(words, note),
            lambda why: self.panel.suggest.show_nothing(why),
            lambda texts: self.panel.suggest.show_samples(texts),
            lambda: self.panel_open and self.panel.tabs.active == "tab-suggest",
        )
        self.next_words.temperature = settings.temperature
        self.flow: DraftFlow
        self.going: Going

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        with Horizontal(id="desk"):
            with Vertical(id="page"):
                yield self.title_line
                yield self.editor
                yield self.find_bar
            yield self.panel
        yield self.tour_bar
        yield self.status
        yield self.keys
        yield self.alternatives

    def on_mount(self) -> None:
        """Begin with an unnamed draft and the focus in the editor."""
        self.flow = DraftFlow(
            cast("App[Any]", self.app),
            self.editor,
            self.drafts,
            changed=self.show_draft_state,
            saved=lambda path: self.post_message(self.Saved(str(path.resolve()))),
        )
        self.going = Going(cast("App[Any]", self.app), self.editor, self.drafts, self.flow)
        self.take_keys()
        self.show_panel(self.settings.panel, focus=False)
        self.set_interval(COPY_SECONDS, self._keep_copy, name="recovery copies")
        self.set_interval(FIGURES_SECONDS, self.statistics.keep, name="figures")
        self.set_interval(LOOK_SECONDS, self._look_at_disk, name="changes on disk")
        self.take_settings(self.settings)
        self.editor.focus()
        self._draft_shown()
        self.watch(self, "focused", self._show_keys, init=False)

    # The draft

    def open_file(self, path: Path) -> None:
        """Open the file that the command line named."""
        self.flow.folder = path.parent.absolute()
        before, typed = self.drafts.current, self.editor.document.text  # before the file was there
        if self.flow.load(path) and typed:
            self.editor.insert(typed)
            if before in self.drafts.all:
                self.drafts.discard(before)

    @property
    def keeper(self) -> Keeper:
        """The file of the draft that is shown."""
        return self.drafts.current.keeper

    def _draft_shown(self) -> None:
        draft = self.drafts.current
        self.ghosting.show_draft(draft.name, lambda: draft.page.document.plain_text)
        self._tell_markdown()
        self.finder.text_changed()
        self.show_draft_state()
        self.next_words.update()

    def _draft_closed(self, name: str) -> None:
        self.ghosting.close_draft(name)
        self.show_draft_state()  # the one that is shown has another place among those that are left

    def _tell_markdown(self) -> None:
        path = self.keeper.path
        self.editor.markdown = self.settings.markdown and (
            path is None or path.suffix.lower() in ("", *MARKDOWN)
        )

    def show_draft_state(self) -> None:
        """Show the draft's name and whether it is saved."""
        keeper = self.keeper
        mark = " ●" if keeper.unsaved else ""
        folder = "" if keeper.path is None else one_line(short_folder(keeper.path))
        title = Content.assemble(
            (folder, "$foreground 40%"),
            (keeper.name, "bold $foreground 80%" if keeper.path else "italic $foreground 60%"),
            (mark, "$text-warning"),
            (f"   {self.drafts.place}", "$foreground 40%"),
        )
        if title != self.title_line.content:
            self.title_line.update(title, layout=False)  # its height is fixed: nothing else has to move
        self.status.change(
            unsaved=keeper.unsaved,
            named=keeper.fingerprint is not None,
            words=self.editor.document.words,
            characters=self.editor.document.characters,
            selected=selected(self.editor),
            saved_keys=self.tally.saved,
        )

    def _text_changed(self) -> None:
        self.show_draft_state()
        self.keys.ghost = bool(self.editor.shown_ghost)
        self.finder.text_changed()
        self.next_words.update()

    async def _keep_copy(self) -> None:
        if trouble := await self.drafts.keep_copies():
            self.flow.say(trouble, wrong=True)

    async def _look_at_disk(self) -> None:
        keeper = self.keeper
        if await keeper.notice_change():
            self.flow.say(f"{keeper.name} {CHANGED}")

    # Settings

    def take_settings(self, settings: Settings) -> None:
        """Work and look as these settings say."""
        self.settings = settings
        editor = self.editor
        self.ghosting.change_settings(settings)
        if self.ghosting.paused == settings.ghosts:
            self.ghosting.pause(not settings.ghosts)
        if editor.prose_width != settings.width:
            editor.prose_width = settings.width
        editor.focus_mode, editor.typewriter = settings.focus, settings.typewriter
        self._tell_markdown()

    def take_keys(self) -> None:
        """The key map, which is the app's, is another."""
        self.editor.set_keys(self._keymap)
        self._show_keys()

    # Finding, going, other drafts

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys that the panel and the bar need to them."""
        if action == "step_draft":
            return not self.panel.has_focus_within
        if action == "close_draft":
            return not self.find_bar.has_focus_within
        return super().check_action(action, parameters)

    def action_find(self) -> None:
        """Find a text."""
        self.finder.open()

    def action_replace(self) -> None:
        """Find a text and replace it."""
        self.finder.open(replace=True)

    @on(FindBar.Changed)
    def _find(self) -> None:
        self.run_worker(self.finder.changed(), group="find", exclusive=True, description="find")

    @on(FindBar.Wished)
    def _find_on(self, event: FindBar.Wished) -> None:
        self.run_worker(self.finder.do(event.wish), group="find", exclusive=True, description="find")

    def action_headings(self) -> None:
        """Go to a heading."""
        self.run_worker(self.going.to_heading(), group="going", exclusive=True)

    def action_drafts(self) -> None:
        """Go to another draft, or open a recent file."""
        self.run_worker(self.going.to_draft(), group="going", exclusive=True)

    def action_step_draft(self, by: int) -> None:
        """Show the next draft, or the one before."""
        self.drafts.step(by)

    def action_new_draft(self) -> None:
        """Begin a draft without a name."""
        self.flow.new()

    def action_close_draft(self) -> None:
        """Close the draft."""
        self.run_worker(self.flow.close(self.drafts.current), group="draft")

    def action_reload_draft(self, codec: str | None = None) -> None:
        """Show the draft as its file is on disk, read in an encoding if given."""
        self.run_worker(self.flow.reload(self.drafts.current, codec), group="draft")

    def action_versions(self) -> None:
        """Look at earlier versions of the draft."""
        self.run_worker(self.going.to_version(), group="going", exclusive=True)

    def action_set(self, setting: str) -> None:
        """Turn a setting that is on or off."""
        self.post_message(self.Toggled(setting))

    # The ghost

    def _show_ghost_status(self, status: GhostStatus) -> None:
        self.keys.ghost = bool(self.editor.shown_ghost)
        before = self.status.status.milliseconds if self.keys.ghost else None  # of a ghost that goes on
        milliseconds = before if status.milliseconds is None else status.milliseconds
        self.status.change(silence=status.silence, milliseconds=milliseconds, source=status.source)

    def _show_alternatives(self) -> None:
        """Show the list of alternatives at the cursor, or none."""
        editor = self.editor
        cursor = editor.cursor_screen_offset
        below = cursor.y + max(1, len(editor.ghost_rows)) - 1
        room = Offset(self.size.width, self.size.height - 2)
        self.alternatives.show(editor.listed, editor.word_begun, cursor, below, room)
        self.keys.ghost = bool(editor.shown_ghost)

    @on(Alternatives.Picked)
    def _pick_alternative(self, event: Alternatives.Picked) -> None:
        self.editor.pick(event.index)

    # The figures

    @on(StatsView.Wanted)
    async def _show_figures(self) -> None:
        self.panel.stats.show(await self.statistics.days(), date.today())

    @on(StatsView.Reset)
    def _forget_figures(self) -> None:
        self.run_worker(self._reset_figures(), group="figures", exclusive=True)

    async def _reset_figures(self) -> None:
        answer = await self.app.push_screen_wait(
            Question("Forget all figures?", "What the ghosts saved is counted anew.", (CANCEL, FORGET))
        )
        if answer == "forget":
            await self.statistics.reset()
            self.panel.stats.show({}, date.today())

    # The panel

    @property
    def panel_open(self) -> bool:
        """Whether the side panel shows."""
        return self.has_class("-panel")

    @property
    def focused_tab(self) -> str | None:
        """The name of the panel's tab if the focus is in the panel."""
        return self.panel.tabs.active.removeprefix("tab-") if self.panel.has_focus_within else None

    def _show_keys(self) -> None:
        """Show the keys of where the focus is."""
        if self.focused_tab is None:
            self.keys.offer(hints(self._keymap))
        else:
            self.keys.offer(panel_hints(self._keymap, tree=isinstance(self.focused, SourceTree)))

    def show_panel(self, shown: bool, *, focus: bool = True) -> None:
        """Open or close the side panel; the focus goes with it."""
        self.set_class(shown, "-panel")
        if shown:
            self.next_words.update(at_once=True)
            if focus:
                self.call_after_refresh(self.panel.focus_controls)
        else:
            self.editor.focus()

    def on_key(self, event: events.Key) -> None:
        """Escape leads from the panel back to the text."""
        if event.key == "escape" and self.panel.has_focus_within:
            event.stop()
            self.show_panel(not self.has_class("-narrow"), focus=False)
            self.editor.focus()

    @on(events.Resize)
    def _check_size(self, event: events.Resize) -> None:
        width, height = event.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        needed = f"make it {LEAST_WIDTH} × {LEAST_HEIGHT}"
        notes = (f"{width} × {height} is small: {needed}", f"too small: {needed}", needed)
        self.status.note = next((note for note in notes if len(note) + 4 <= width), needed) if small else ""
        self.call_after_refresh(self._keep_draft_in_sight)

    def _keep_draft_in_sight(self) -> None:
        """Nobody is to write where the panel hides what is written."""
        if self.has_class("-narrow") and self.panel_open and not self.panel.has_focus_within:
            self.show_panel(False)


def short_folder(path: Path) -> str:
    """The folder of a file with a slash at its end, from here or from home where it is below; empty for here."""
    folder = path.absolute().parent
    if folder == Path.cwd():
        return ""
    for start, written in ((Path.cwd(), ""), (Path.home(), "~/")):
        if folder.is_relative_to(start):
            inside = folder.relative_to(start)
            return written if inside == Path() else f"{written}{inside}/"
    return f"{folder}/".replace("//", "/")


def selected(editor: Editor) -> tuple[int, int | None] | None:
    """Characters and words of the selection, None for no selection; words None where counting takes too long."""
    if editor.selection.is_empty:
        return None
    top, bottom = sorted(editor.selection)
    document = editor.document
    if top == (0, 0) and bottom == document.end:
        return document.characters, document.words
    characters = document.length(top, bottom)
    if characters > MOST_COUNTED:
        return characters, None
    return characters, count_words(document.get_text_range(top, bottom))
