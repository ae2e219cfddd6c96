"""The screen on which one writes: the draft, the panel beside it, the two lines below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from textual import events, on
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from core.settings import Settings
from core.statistics import Tally
from core.text import one_line
from tui.draft_flow import DraftFlow
from tui.ghosting import Ghosting, GhostStatus
from tui.keeping import Keeper
from tui.keymap import hints, panel_hints
from tui.next_words import NextWords
from tui.widgets.editor import Editor
from tui.widgets.file_picker import SourceTree
from tui.widgets.side_panel import SidePanel
from tui.widgets.status_line import KeyLine, Status, StatusLine

LEAST_WIDTH, LEAST_HEIGHT = 40, 10
COPY_SECONDS = 1.0
"""How often unsaved text is copied: a crash costs this and what the copying takes."""


class WritingScreen(Screen[None]):
    """Holds the parts that follow the text together; each of them does its own work."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 (the parent's is no ClassVar)

    def __init__(self, settings: Settings, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.settings = settings
        self._keymap = keymap
        self.tally = Tally()
        self.editor = Editor(prose_width=settings.width, id="editor")
        self.panel = SidePanel(settings, id="panel")
        self.status = StatusLine(Status(model=settings.model, silence="loading"))
        self.keys = KeyLine(hints(keymap))
        self.title_line = Static("", id="title", markup=False)
        self.keeper = Keeper(self.editor)
        self.ghosting = Ghosting(self.editor, self.tally, settings, self._show_ghost_status)
        self.ghosting.changed = self._text_changed
        self.next_words = NextWords(
            lambda: (self.ghosting.draft, self.editor.cursor_location),
            lambda words, note: self.panel.suggest.show_words(words, note),
            lambda why: self.panel.suggest.show_nothing(why),
            lambda: self.panel_open and self.panel.tabs.active == "tab-suggest",
        )
        self.next_words.temperature = settings.temperature
        self.flow: DraftFlow

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        with Horizontal(id="desk"):
            with Vertical(id="page"):
                yield self.title_line
                yield self.editor
            yield self.panel
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        """Begin with an unnamed draft and the focus in the editor."""
        self.flow = DraftFlow(
            cast("App[Any]", self.app),
            self.editor,
            self.keeper,
            loaded=self._draft_loaded,
            changed=self.show_draft_state,
        )
        self.show_panel(self.settings.panel, focus=False)
        self.set_interval(COPY_SECONDS, self._keep_copy, name="recovery copies")
        self.editor.focus()
        self._draft_loaded()
        self.watch(self, "focused", self._show_keys, init=False)

    # The draft

    def open_file(self, path: Path) -> None:
        """Open the file that the command line named."""
        self.flow.folder = path.parent.absolute()
        typed = self.editor.document.text  # before the file was there
        if self.flow.load(path) and typed:
            self.editor.insert(typed)

    def _draft_loaded(self) -> None:
        self.ghosting.open_draft()
        self.show_draft_state()
        self.next_words.update()

    def show_draft_state(self) -> None:
        """Show the draft's name and whether it is saved."""
        keeper = self.keeper
        mark = " ●" if keeper.unsaved else ""
        folder = "" if keeper.path is None else one_line(short_folder(keeper.path))
        self.title_line.update(
            Content.assemble(
                (folder, "$foreground 40%"),
                (keeper.name, "bold $foreground 80%" if keeper.path else "italic $foreground 60%"),
                (mark, "$text-warning"),
            )
        )
        self.status.change(
            unsaved=keeper.unsaved,
            named=keeper.path is not None,
            words=self.editor.document.words,
            saved_keys=self.tally.saved,
        )

    def _text_changed(self) -> None:
        self.show_draft_state()
        self.keys.ghost = bool(self.editor.shown_ghost)
        self.next_words.update()

    async def _keep_copy(self) -> None:
        before = self.keeper.trouble
        await self.keeper.keep_copy()
        if self.keeper.trouble and not before:
            self.flow.say(self.keeper.trouble, wrong=True)

    # The ghost

    def _show_ghost_status(self, status: GhostStatus) -> None:
        if status.milliseconds is None:
            self.status.change(silence=status.silence)
        else:
            self.status.change(silence=status.silence, milliseconds=status.milliseconds)
        self.keys.ghost = bool(self.editor.shown_ghost)

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
            self.editor.focus()

    @on(events.Resize)
    def _check_size(self, event: events.Resize) -> None:
        width, height = event.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        self.status.note = (
            f"{width} × {height} is small: make it {LEAST_WIDTH} × {LEAST_HEIGHT}" if small else ""
        )


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
