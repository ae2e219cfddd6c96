"""The editor: Textual's text area for prose, with a ghost after the cursor that never moves what is there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.document._document import EditResult, Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.document._edit import Edit
from textual.geometry import Offset, Region, Size
from textual.widgets import TextArea

from tui.widgets.ghost import Ghost, Layout, lay_out, make_ghost, sentence_of, word_of
from tui.widgets.painting import RowPainter
from tui.widgets.prose import DraftDocument, ProseWrap

if TYPE_CHECKING:
    from collections.abc import Generator

    from textual.strip import Strip

How = Literal["typed", "taken", "deleted", "pasted", "other"]
"""What changed the text: a key, a ghost, a deletion, a paste, or something else (undo, redo, a program)."""

GHOST_ROWS = 8
"""Rows that a ghost may have."""
ROOM_BELOW = 3
"""Rows kept free below the cursor while typing, so that a ghost has room."""


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

    def ghost_dismissed(self) -> None:
        """The person does not want this ghost."""


class Editor(TextArea):
    """A text area whose document survives load and save, and that shows, takes and drops a ghost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "accept_ghost", "Take the ghost", id="accept", show=False),
        Binding("right", "accept_ghost", "Take the ghost", id="accept-right", show=False),
        Binding("ctrl+right", "accept_word", "Take a word", id="accept-word", show=False),
        Binding("alt+right", "accept_word", "Take a word", id="accept-word-alt", show=False),
        Binding("shift+tab", "accept_sentence", "Take a sentence", id="accept-sentence", show=False),
        Binding("ctrl+n,alt+down", "turn_ghost(1)", "Next alternative", id="next-alternative", show=False),
        Binding("alt+up", "turn_ghost(-1)", "Previous alternative", id="previous-alternative", show=False),
        Binding("escape,ctrl+right_square_bracket", "dismiss_ghost", "Dismiss", id="dismiss", show=False),
        Binding("ctrl+space,ctrl+at", "ask_ghost", "Ask for a ghost", id="ask", show=False),
        # What these keys do where there is no ghost; a class's bindings of a key hide those of its parent.
        Binding("tab", "indent", "Indent", show=False),
        Binding("shift+tab", "outdent", "Outdent", show=False),
        Binding("right", "cursor_right", "Cursor right", show=False),
        Binding("ctrl+right", "cursor_word_right", "Cursor word right", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"editor--ghost"}

    document: DraftDocument  # pyright: ignore[reportIncompatibleVariableOverride]
    wrapped_document: ProseWrap  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, *, prose_width: int = 76, id: str | None = None) -> None:
        self._prose_width = prose_width
        self._ghost: Ghost | None = None
        self._layout = Layout()
        self._how: How = "other"
        self._in_edit = False
        self.listener: EditorListener | None = None
        self._painter = RowPainter(self)
        super().__init__(id=id, highlight_cursor_line=False, tab_behavior="focus")
        self.cursor_blink = False

    # The document

    def _set_document(self, text: str, language: str | None) -> None:
        self.clear_ghost()
        self.document = DraftDocument(text)  # pyright: ignore[reportIncompatibleVariableOverride]
        self.document.listener = self._edited
        self.wrapped_document = ProseWrap(self.document, tab_width=self.indent_width)  # pyright: ignore[reportIncompatibleVariableOverride]
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        with self._editing("other"):
            self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    @property
    def version(self) -> int:
        """Grows with every edit of this document."""
        return self.document.version

    def _edited(self, start: Location, end: Location, text: str) -> None:
        lines = text.count("\n")
        column = len(text) - text.rfind("\n") - 1 if lines else start[1] + len(text)
        self.wrapped_document.follow(start, end, (start[0] + lines, column))
        if self.listener is not None:
            self.listener.text_edited(start, end, text)

    # Width: prose keeps to a column in the middle

    @property
    def prose_width(self) -> int:
        """Cells of a row of text; 0 means as many as there are."""
        return self._prose_width

    @prose_width.setter
    def prose_width(self, width: int) -> None:
        self._prose_width = width
        self._rewrap_and_refresh_virtual_size()

    @property
    def gutter_width(self) -> int:
        """The margin on the left, which centres the column."""
        available = self.scrollable_content_region.size.width
        if not self._prose_width or available <= self._prose_width + 4:
            return 2 if available > 50 else 1
        return (available - self._prose_width) // 2

    @property
    def wrap_width(self) -> int:
        """Cells of a row of text; beside them one for a space that hangs over and one for the cursor."""
        available = self.scrollable_content_region.size.width
        if not available:
            return 0
        room = available - self.gutter_width - 2
        return max(1, min(self._prose_width, room) if self._prose_width else room)

    def _rewrap_and_refresh_virtual_size(self) -> None:
        super()._rewrap_and_refresh_virtual_size()
        self._place_ghost()
        # A resize may paint before it wraps; where the number of rows stays the same, nothing else repaints them.
        self.refresh()

    def _on_resize(self) -> None:
        super()._on_resize()
        self.call_after_refresh(self.scroll_cursor_visible)

    def _refresh_size(self) -> None:
        # Room below the last line, for the ghost of a text that fills the screen.
        rows = self.wrapped_document.height
        self.virtual_size = Size(0, rows + self._room_below if rows >= self.size.height else rows)
        self._refresh_scrollbars()

    @property
    def _room_below(self) -> int:
        return min(ROOM_BELOW, self.size.height // 4)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into view, with some rows below it while typing."""
        self._recompute_cursor_offset()
        x, y = self._cursor_offset
        height = 1 + (self._room_below if self._in_edit else 0)
        return self.scroll_to_region(
            Region(x, y, 3, height), animate=animate, force=True, center=center, x_axis=False
        )

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the screen, wrapped at the width that they are painted with: the news of it may come later."""
        if self.wrapped_document.width != self.wrap_width:
            self.wrapped_document.wrap(self.wrap_width, self.indent_width)
            self._place_ghost()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the screen; costs what the row costs, whatever the size of the document."""
        return self._painter.row(self.scroll_offset.y + y)

    def notify_style_update(self) -> None:
        """Forget the rows that were painted in other colours."""
        self._painter.forget()
        super().notify_style_update()

    @property
    def draws_cursor(self) -> bool:
        """Whether the cursor is seen."""
        return self._draw_cursor

    @property
    def painting_styles(self) -> dict[str, Style]:
        """Styles of what may stand on a row, each complete."""
        base = self.rich_style
        theme = self._theme
        parts = {
            "text": None,
            "selection": theme.selection_style,
            "cursor": theme.cursor_style,
            "ghost": self.get_component_rich_style("editor--ghost"),
        }
        return {name: base if style is None else base + style for name, style in parts.items()}

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Prose has no brackets to match, and looking for one would read the whole document."""
        return None

    # Edits

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
            if not self.at_line_end:
                self._ghost = None
            self._place_ghost()
        self._tell(how, edit.text)
        return result

    def _undo_batch(self, edits: Sequence[Edit]) -> None:
        self.clear_ghost()
        with self._editing("other"):
            super()._undo_batch(edits)
        self._tell("other", "")

    def _redo_batch(self, edits: Sequence[Edit]) -> None:
        self.clear_ghost()
        with self._editing("other"):
            super()._redo_batch(edits)
        self._tell("other", "")

    def _tell(self, how: How, text: str) -> None:
        if self.listener is not None:
            self.listener.text_changed(how, text)

    async def _on_key(self, event: events.Key) -> None:
        event.prevent_default()
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

    def action_indent(self) -> None:
        """Insert spaces up to the next stop: what Tab does where there is no ghost."""
        with self._editing("typed"):
            self._replace_via_keyboard(" " * self._find_columns_to_next_tab_stop(), *self.selection)

    def action_outdent(self) -> None:
        """Take the spaces of one stop from the start of the line."""
        row = self.cursor_location[0]
        line = self.document.get_line(row)
        spaces = min(len(line) - len(line.lstrip(" ")), self.indent_width)
        if spaces:
            self.delete((row, 0), (row, spaces))

    # The ghost

    @property
    def at_line_end(self) -> bool:
        """Whether nothing is selected and nothing follows the cursor on its line."""
        row, column = self.selection.end
        return self.selection.is_empty and column == len(self.document.get_line(row))

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

    def show_ghost(self, texts: Sequence[str]) -> None:
        """Show the first of `texts` at the cursor, the others being its alternatives."""
        ghost = make_ghost(texts) if self.at_line_end else None
        if ghost != self._ghost:
            self._ghost = ghost
            self._place_ghost()

    def clear_ghost(self) -> None:
        """Show no ghost."""
        if self._ghost is not None:
            self._ghost = None
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
        if action in ("accept_ghost", "accept_word", "accept_sentence", "turn_ghost", "dismiss_ghost"):
            return self._layout.shown > 0
        return super().check_action(action, parameters)

    def _take(self, text: str) -> None:
        self.history.checkpoint()
        with self._editing("taken"):
            self._replace_via_keyboard(text, *self.selection)
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

    def action_dismiss_ghost(self) -> None:
        """Drop the ghost, and show none before the next word."""
        self.clear_ghost()
        if self.listener is not None:
            self.listener.ghost_dismissed()

    def action_ask_ghost(self) -> None:
        """Ask for a ghost, whatever the settings say."""
        if self.listener is not None:
            self.listener.ghost_wanted()
