"""The editor: prose, with a ghost after the cursor that never moves what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from textual import events
from textual.binding import Binding, BindingsMap, BindingType
from textual.document._document import EditResult, Location, Selection
from textual.document._edit import Edit

from tui.rebinding import rebound
from tui.widgets.cells import cell_length
from tui.widgets.ghost import Ghost, Layout, lay_out, make_ghost, sentence_of, word_of
from tui.widgets.prose import as_it_is
from tui.widgets.prose_area import Page, ProseArea

if TYPE_CHECKING:
    from collections.abc import Generator

How = Literal["typed", "taken", "deleted", "pasted", "other"]
"""What changed the text: a key, a ghost, a deletion, a paste, or something else (undo, redo, a program)."""

GHOST_ROWS = 8
"""Rows that a ghost may have."""
WITH_A_GHOST = ("accept_ghost", "accept_word", "accept_sentence", "turn_ghost", "dismiss_ghost")


class EditorListener(Protocol):
    """Who follows the text: told at once, in the order of events, so that nothing can come between."""

    def text_edited(self, start: Location, end: Location, text: str) -> None:
        """What was from start to end became `text`."""

    def text_changed(self, how: How, text: str) -> None:
        """A change is complete, the cursor and the ghost included; `text` is what came in."""

    def cursor_moved(self) -> None:
        """The cursor or the selection moved without a change of the text."""

    def ghost_wanted(self) -> None:
        """The person asks for a ghost."""

    def alternatives_wanted(self) -> None:
        """The person asks for the list of alternatives."""

    def ghost_turned(self) -> None:
        """Another alternative shows."""

    def ghost_dismissed(self) -> None:
        """The person does not want this ghost."""


class Editor(ProseArea):
    """A text area whose document survives load and save, and that shows, takes and drops a ghost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "accept_ghost", "Take the ghost", id="accept", show=False),
        Binding("right", "accept_ghost", "Take the ghost", id="accept-right", show=False),
        Binding("ctrl+right", "accept_word", "Take a word", id="accept-word", show=False),
        Binding("alt+right", "accept_word", "Take a word", id="accept-word-alt", show=False),
        Binding("shift+tab", "accept_sentence", "Take a sentence", id="accept-sentence", show=False),
        Binding("ctrl+n,alt+down", "turn_ghost(1)", "Next alternative", id="next-alternative", show=False),
        Binding("alt+up", "turn_ghost(-1)", "Previous alternative", id="previous-alternative", show=False),
        Binding("ctrl+l", "list_alternatives", "List alternatives", id="alternatives", show=False),
        Binding("escape,ctrl+right_square_bracket", "dismiss_ghost", "Dismiss", id="dismiss", show=False),
        Binding("ctrl+space,ctrl+@", "ask_ghost", "Ask for a ghost", id="ask", show=False),
        Binding("down", "turn_listed(1)", "Next in the list", show=False),
        Binding("up", "turn_listed(-1)", "Previous in the list", show=False),
        # What these keys do where there is no ghost; a class's bindings of a key hide those of its parent.
        Binding("tab", "indent", "Indent", show=False),
        Binding("shift+tab", "outdent", "Outdent", show=False),
        Binding("right", "cursor_right", "Cursor right", show=False),
        Binding("ctrl+right", "cursor_word_right", "Cursor word right", show=False),
        Binding("ctrl+home", "draft_edge(-1)", "Start of the draft", show=False),
        Binding("ctrl+end", "draft_edge(1)", "End of the draft", show=False),
        Binding("ctrl+shift+home", "draft_edge(-1, True)", "Select to the start", show=False),
        Binding("ctrl+shift+end", "draft_edge(1, True)", "Select to the end", show=False),
        # Textual's selects the line: after one F6 too many at the tour's end, the next letter would replace it.
        Binding("f6", "nothing", show=False),
        Binding("down", "cursor_down", "Cursor down", show=False),
        Binding("up", "cursor_up", "Cursor up", show=False),
    ]

    def __init__(self, *, prose_width: int = 76, id: str | None = None) -> None:
        self._ghost: Ghost | None = None
        self._layout = Layout()
        self._listing = False
        self._how: How = "other"
        self.listener: EditorListener | None = None
        self.ghost_changed: Callable[[], None] = lambda: None
        """Called when the ghost, or the list of its alternatives, is another or elsewhere."""
        super().__init__(prose_width=prose_width, id=id)
        self._default_bindings: BindingsMap = self._bindings

    def set_keys(self, keymap: Mapping[str, str]) -> None:
        """Let a person's key map hold; what the keys do without a ghost stays."""
        self._bindings = rebound(self._default_bindings, keymap)

    # Edits

    def show_page(self, page: Page) -> None:
        """Hold another page."""
        self.clear_ghost()
        with self._editing("other"):
            super().show_page(page)

    def _edited(self, start: Location, end: Location, text: str) -> None:
        super()._edited(start, end, text)
        if self.listener is not None:
            self.listener.text_edited(start, end, text)

    @contextmanager
    def _editing(self, how: How) -> Generator[None]:
        before = self._how, self._in_edit
        self._how, self._in_edit = how, True
        try:
            yield
        finally:
            self._how, self._in_edit = before

    def edit(self, edit: Edit) -> EditResult:
        """Do an edit; the ghost goes on if the edit writes what it says, and is gone in the same update if not."""
        how: How = self._how if edit.text else "deleted"
        at_cursor = self.selection.is_empty and edit.top == edit.bottom == self.selection.end
        with self._editing(how):
            result = super().edit(edit)
            self._ghost = self._ghost.after(edit.text) if self._ghost and at_cursor and edit.text else None
            self._listing = False
            if not self.at_line_end:
                self._ghost = None
            self._place_ghost()
        self._tell(how, edit.text)
        return result

    def become(self, text: str) -> None:
        """Hold another text, line ends as they are, as one step to undo; the cursor stays where that is possible."""
        cursor = self.cursor_location
        self.history.checkpoint()
        with self._editing("other"):
            self.replace(as_it_is(text), (0, 0), self.document.end, maintain_selection_offset=False)
        self.history.checkpoint()
        self.move_cursor(self.document.clamp(cursor), center=True)

    def select_range(self, start: Location, end: Location) -> None:
        """Select a stretch and bring it into view, in the middle where it was out of it."""
        row = self.wrapped_document.row_of(start) - self.scroll_offset.y
        self.selection = Selection(start, end)
        if not 0 <= row < self.size.height:
            self.scroll_cursor_visible(center=True)

    def _undo_batch(self, edits: Sequence[Edit]) -> None:
        self.clear_ghost()
        with self._editing("other"):
            super()._undo_batch(edits)
            self.document.undone = self.document.version
        self._tell("other", "")

    def _redo_batch(self, edits: Sequence[Edit]) -> None:
        self.clear_ghost()
        with self._editing("other"):
            super()._redo_batch(edits)
            self.document.undone = self.document.version
        self._tell("other", "")

    def _tell(self, how: How, text: str) -> None:
        if self.listener is not None:
            self.listener.text_changed(how, text)

    async def _on_key(self, event: events.Key) -> None:
        event.prevent_default()
        if self._listing and self._pick(event.key):
            event.stop()
            return
        with self._editing("typed"):
            await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        with self._editing("pasted"):
            await super()._on_paste(event)

    def action_paste(self) -> None:
        """Paste from the app's clipboard."""
        with self._editing("pasted"):
            super().action_paste()

    def _watch_selection(self, previous_selection: Selection, selection: Selection) -> None:
        super()._watch_selection(previous_selection, selection)
        if previous_selection != selection and not self._in_edit:
            self.clear_ghost()
            if self.listener is not None:
                self.listener.cursor_moved()

    def action_draft_edge(self, direction: int, select: bool = False) -> None:
        """Go to the start (-1) or the end (1) of the draft, selecting on the way if so."""
        self.move_cursor(self.document.end if direction > 0 else (0, 0), select=select)

    def action_indent(self) -> None:
        """Nest an item, or insert spaces up to the next stop: what Tab does where there is no ghost."""
        with self._editing("typed"):
            self.indent()

    def action_outdent(self) -> None:
        """Lift an item, or take the spaces of one stop from the start of the line."""
        with self._editing("typed"):
            self.outdent()

    # The ghost

    @property
    def at_line_end(self) -> bool:
        """Whether nothing is selected and nothing follows the cursor on its line."""
        row, column = self.selection.end
        return self.selection.is_empty and column == len(self.document.get_line(row))

    @property
    def word_begun(self) -> str:
        """What stands before the cursor on its line without a space between."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[max(0, column - 80) : column]
        return "" if before[-1:].isspace() else (before.split() or [""])[-1]

    @property
    def ghost(self) -> str:
        """All of the ghost, or nothing."""
        return self._ghost.text if self._ghost else ""

    @property
    def shown_ghost(self) -> str:
        """What is seen of the ghost: what one key takes."""
        return self.ghost[: self._layout.shown]

    @property
    def ghost_rows(self) -> tuple[str, ...]:
        """The ghost by the rows it is drawn on, the cursor's first."""
        return self._layout.rows

    @property
    def listed(self) -> Ghost | None:
        """The ghost with its alternatives while they are to be shown as a list."""
        return self._ghost if self._listing else None

    def show_ghost(
        self, texts: Sequence[str], chances: Sequence[float] = (), *, listing: bool = False
    ) -> None:
        """Show the first of `texts` at the cursor, the others being its alternatives, or all of them as a list."""
        ghost = make_ghost(texts, chances) if self.at_line_end else None
        if ghost != self._ghost or listing != self._listing:
            self._ghost, self._listing = ghost, listing and ghost is not None
            self._place_ghost()

    def clear_ghost(self) -> None:
        """Show no ghost."""
        if self._ghost is not None:
            self._ghost, self._listing = None, False
            self._place_ghost()

    def _rewrap_and_refresh_virtual_size(self) -> None:
        super()._rewrap_and_refresh_virtual_size()
        self._place_ghost()

    def _wrap_as_painted(self) -> None:
        if self.wrapped_document.width != self.wrap_width:
            super()._wrap_as_painted()
            self._place_ghost()

    def _place_ghost(self) -> None:
        """Lay the ghost out anew and repaint the rows that it is or was on."""
        before = len(self._layout.rows)
        self._layout = Layout()
        if self._ghost is not None:
            x, _ = self.wrapped_document.location_to_offset(self.cursor_location)
            rows = self._free_rows()
            self._layout = lay_out(self._ghost.text, x, self.wrap_width, rows, self.indent_width)
        if count := max(before, len(self._layout.rows)):
            self.refresh_lines(self.wrapped_document.row_of(self.cursor_location), count)
            self.ghost_changed()

    def _free_rows(self) -> int:
        """The cursor's row and those below it on which there is no text."""
        row = self.cursor_location[0] + 1
        free = 1
        while free < GHOST_ROWS and (row >= self.document.line_count or not self.document.get_line(row)):
            free += 1
            row += 1
        return free

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let the ghost's keys do what they always do where there is no ghost."""
        if action in WITH_A_GHOST:
            return self._layout.shown > 0
        if action == "turn_listed":
            return self._listing
        return super().check_action(action, parameters)

    def _take(self, text: str) -> None:
        self.history.checkpoint()
        with self._editing("taken"):
            self._replace_via_keyboard(text, *self.selection)
        self.history.checkpoint()

    def bring_in(self, text: str, start: Location, end: Location) -> None:
        """Write what a model said in place of what is from `start` to `end`: one step to undo, the cursor after it."""
        self.history.checkpoint()
        with self._editing("taken"):
            self.move_cursor(self.replace(text, start, end, maintain_selection_offset=False).end_location)
        self.history.checkpoint()

    def action_accept_ghost(self) -> None:
        """Take all that is seen of the ghost."""
        self._take(self.shown_ghost)

    def action_accept_word(self) -> None:
        """Take the ghost's first word; the rest stays."""
        self._take(word_of(self.shown_ghost))

    def action_accept_sentence(self) -> None:
        """Take the ghost to the end of its sentence."""
        self._take(sentence_of(self.shown_ghost))

    def action_turn_ghost(self, by: int) -> None:
        """Show the next or the previous alternative."""
        if self._ghost is not None:
            self._ghost = self._ghost.turned(by)
            self._place_ghost()
            if self.listener is not None:
                self.listener.ghost_turned()

    def action_turn_listed(self, by: int) -> None:
        """Point at the alternative below or above in the list."""
        self.action_turn_ghost(by)

    def action_list_alternatives(self) -> None:
        """Open the list of alternatives, or close it."""
        if self._listing:
            self._close_list()
        elif self.listener is not None:
            self.listener.alternatives_wanted()

    def _close_list(self) -> None:
        self._listing = False
        self.ghost_changed()

    def pick(self, index: int) -> None:
        """Take an alternative of the list."""
        if self._ghost is not None and index < len(self._ghost.texts):
            self.action_turn_ghost(index - self._ghost.index)
            self._take(self.ghost)

    def _pick(self, key: str) -> bool:
        """Whether a key, Enter or a digit, took something from the list."""
        ghost = self._ghost
        if ghost is None:
            return False
        index = ghost.index if key == "enter" else int(key) - 1 if key.isdigit() else -1
        if not 0 <= index < len(ghost.texts):
            return False
        self.pick(index)
        return True

    async def _on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the ghost that is clicked on; elsewhere put the cursor."""
        event.prevent_default()
        if self._on_ghost(event):
            self.action_accept_ghost()
        else:
            await super()._on_mouse_down(event)

    def _on_ghost(self, event: events.MouseDown) -> bool:
        x, row = self.wrapped_document.location_to_offset(self.cursor_location)
        index = event.y + self.scroll_offset.y - row
        if not 0 <= index < len(self._layout.rows):
            return False
        at = event.x - self.gutter_width - (0 if index else x)
        return 0 <= at < cell_length(self._layout.rows[index].rstrip(), self.indent_width)

    def action_dismiss_ghost(self) -> None:
        """Close the list of alternatives; else drop the ghost, and show none before the next word."""
        if self._listing:
            self._close_list()
            return
        self.clear_ghost()
        if self.listener is not None:
            self.listener.ghost_dismissed()

    def action_nothing(self) -> None:
        """Do nothing: for a key that would do what nobody expects."""

    def action_ask_ghost(self) -> None:
        """Ask for a ghost, whatever the settings say."""
        if self.listener is not None:
            self.listener.ghost_wanted()
