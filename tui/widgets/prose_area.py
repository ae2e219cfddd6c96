"""The part of the editor that shows prose: rows in a column of a chosen width, painted one by one, and scrolled.

Textual's text area keeps the cursor, the selection and the history; what it does for each row at the cost of the whole
document is replaced here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from textual import events
from textual.document._document import Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.geometry import Offset, Region, Size
from textual.widget import Widget
from textual.widgets import TextArea

from core.drafts.markdown import Span
from core.list_items import nesting, next_item
from tui.widgets.painting import RowPainter
from tui.widgets.prose import DraftDocument, ProseWrap
from tui.widgets.undoing import STEPS, History

if TYPE_CHECKING:
    from textual.strip import Strip

ROOM_BELOW = 3
"""Rows kept free below the cursor while typing, so that a ghost has room."""
PARAGRAPH = 400
"""Lines above and below the cursor among which the ends of its paragraph are looked for."""

Overlay = Callable[[int, int, int], Sequence[Span]]
"""Tells what to show otherwise in a line, between two of its columns: stretches, and `editor--` what they are."""


@dataclass
class Page:
    """A draft as the editor holds it: it can be put aside, and comes back as it was."""

    document: DraftDocument
    wrapped: ProseWrap
    navigator: DocumentNavigator
    history: History
    selection: Selection
    scroll: int = 0


def make_page(text: str, tab: int = 4) -> Page:
    """A page with the cursor at the start of `text`."""
    document = DraftDocument(text)
    wrapped = ProseWrap(document, tab_width=tab)
    return Page(document, wrapped, DocumentNavigator(wrapped), History(), Selection())


class ProseArea(TextArea):
    """A text area in which a row costs what the row costs, whatever the size of the document."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"editor--{name}"
        for name in (
            "ghost", "heading", "quote", "code", "strong", "emphasis", "struck", "link", "mark", "match", "aside",
        )
    }  # fmt: skip

    document: DraftDocument  # pyright: ignore[reportIncompatibleVariableOverride]
    wrapped_document: ProseWrap  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, *, prose_width: int = 76, id: str | None = None) -> None:
        self._prose_width = prose_width
        self._focus_mode = self._typewriter = False
        self._markdown = True
        self._in_edit = False
        self._seen: dict[int, Strip | None] = {}
        """What is on the screen, row by row; None where that is not known."""
        self._kept: dict[int, Strip] = {}
        """What Textual keeps of the rows that it painted."""
        self._paragraph: tuple[object, range] = (None, range(0))
        self.overlays: dict[str, Overlay] = {}
        """What shows parts of the text otherwise; call `repaint` when it has to be asked anew."""
        self._painter = RowPainter(self)
        super().__init__(id=id, highlight_cursor_line=False, tab_behavior="focus", max_checkpoints=STEPS)
        self.cursor_blink = False

    # The document

    def _set_document(self, text: str, language: str | None) -> None:
        self.show_page(make_page(text, self.indent_width))

    @property
    def page(self) -> Page:
        """What the editor holds, as it is now."""
        return Page(
            self.document,
            self.wrapped_document,
            self.navigator,
            cast("History", self.history),
            self.selection,
            self.scroll_offset.y,
        )

    def show_page(self, page: Page) -> None:
        """Hold another page."""
        self.document = page.document  # pyright: ignore[reportIncompatibleVariableOverride]
        self.document.listener = self._edited
        self.wrapped_document = page.wrapped  # pyright: ignore[reportIncompatibleVariableOverride]
        self.navigator, self.history = page.navigator, page.history
        self._rewrap_and_refresh_virtual_size()
        self.selection = page.selection
        self.scroll_to(y=page.scroll, animate=False, force=True, immediate=True)

    @property
    def version(self) -> int:
        """Grows with every edit of this document."""
        return self.document.version

    def _edited(self, start: Location, end: Location, text: str) -> None:
        lines = text.count("\n")
        column = len(text) - text.rfind("\n") - 1 if lines else start[1] + len(text)
        self.wrapped_document.follow(start, end, (start[0] + lines, column))

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
        # A resize may paint before it wraps; where the number of rows stays the same, nothing else repaints them.
        self.repaint()

    def _on_resize(self) -> None:
        super()._on_resize()
        self.call_after_refresh(self.scroll_cursor_visible)

    # Scrolling

    def _refresh_size(self) -> None:
        # Room below the last line, for the ghost of a text that fills the screen.
        rows, room = self.wrapped_document.height, self._room_below
        full = rows + room > self.size.height if self._typewriter else rows >= self.size.height
        self.virtual_size = Size(0, rows + room if full else rows)
        self._refresh_scrollbars()

    @property
    def _room_below(self) -> int:
        return self.size.height // 2 if self._typewriter else min(ROOM_BELOW, self.size.height // 4)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Bring the cursor into view, with some rows below it while typing; as a typewriter does, in the middle."""
        self._recompute_cursor_offset()
        x, y = self._cursor_offset
        if self._typewriter and not self._selecting:
            before = self.scroll_offset
            self.scroll_to(y=y - self.size.height // 2, animate=animate, force=True)
            return self.scroll_offset - before
        height = 1 + (self._room_below if self._in_edit else 0)
        return self.scroll_to_region(
            Region(x, y, 3, height), animate=animate, force=True, center=center, x_axis=False
        )

    @property
    def typewriter(self) -> bool:
        """Whether the row of the cursor stays in the middle."""
        return self._typewriter

    @typewriter.setter
    def typewriter(self, on: bool) -> None:
        self._typewriter = on
        self._refresh_size()
        self.scroll_cursor_visible()

    # What is shown otherwise

    @property
    def focus_mode(self) -> bool:
        """Whether only the paragraph of the cursor is in the light."""
        return self._focus_mode

    @focus_mode.setter
    def focus_mode(self, on: bool) -> None:
        self._focus_mode = on
        self.repaint()

    @property
    def markdown(self) -> bool:
        """Whether the parts that Markdown knows are told apart, and Enter goes on with lists."""
        return self._markdown

    @markdown.setter
    def markdown(self, on: bool) -> None:
        self._markdown = on
        self.repaint()

    async def _on_key(self, event: events.Key) -> None:
        event.prevent_default()
        if event.key == "enter" and self._go_on_with_list():
            event.stop()
        else:
            await super()._on_key(event)

    def _go_on_with_list(self) -> bool:
        """Whether Enter began another item of a list, or ended the list at an item that says nothing."""
        row, column = self.cursor_location
        if not self._is_markdown(row) or not self.selection.is_empty:
            return False
        begins = next_item(self.document.get_line(row), column)
        if begins is None:
            return False
        if begins:
            self._replace_via_keyboard(f"\n{begins}", *self.selection)
        else:
            self._replace_via_keyboard("", (row, 0), (row, len(self.document.get_line(row))))
        return True

    def _is_markdown(self, row: int) -> bool:
        """Whether a row means what it means in Markdown: that of code does not."""
        return self.markdown and not self.document.fences.inside(row)

    def indent(self) -> None:
        """Nest an item of a list; insert spaces up to the next stop, but not within Markdown's prose.

        There the key came too late for a ghost, and spaces in a sentence are not seen.
        """
        row, column = self.cursor_location
        line, prose = self.document.get_line(row), self._is_markdown(row)
        if prose and (spaces := nesting(line)):
            self.insert(" " * spaces, (row, 0), maintain_selection_offset=True)
        elif not prose or not line[:column].strip():
            self._replace_via_keyboard(" " * self._find_columns_to_next_tab_stop(), *self.selection)

    def outdent(self) -> None:
        """Lift an item of a list; else take the spaces of one stop from the start of the line."""
        row = self.cursor_location[0]
        line = self.document.get_line(row)
        stop = (nesting(line) if self._is_markdown(row) else 0) or self.indent_width
        if spaces := min(len(line) - len(line.lstrip(" ")), stop):
            self.delete((row, 0), (row, spaces))

    @property
    def paragraph(self) -> range:
        """The lines of the paragraph that the cursor is in; lines without text separate paragraphs."""
        row = self.cursor_location[0]
        key = (id(self.document), self.version, row)
        if self._paragraph[0] != key:
            lines = self.document.lines
            top = bottom = row
            while top > max(0, row - PARAGRAPH) and lines[row].strip() and lines[top - 1].strip():
                top -= 1
            last = min(len(lines), row + PARAGRAPH) - 1
            while bottom < last and lines[row].strip() and lines[bottom + 1].strip():
                bottom += 1
            self._paragraph = key, range(top, bottom + 1)
        return self._paragraph[1]

    # Painting

    def repaint(self) -> None:
        """Look at all rows anew; only those that differ are painted."""
        self.refresh()

    def _set_dirty(self, *regions: Region) -> None:
        """Rows that were painted are kept by Textual even where all is to be painted: `render_lines` knows better."""
        if regions:
            super()._set_dirty(*regions)
            return
        whole = self.outer_size.region
        for dirty in (self._dirty_regions, self._repaint_regions):
            dirty.clear()
            if whole:
                dirty.add(whole)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the screen, wrapped at the width that they are painted with: the news of it may come later."""
        self._painter.look()
        self._wrap_as_painted()
        for y in crop.line_range:
            if self._kept.get(y) is not self._painter.row(self.scroll_offset.y + y):
                self._styles_cache.set_dirty(Region(0, y, self.size.width, 1))
        return Widget.render_lines(
            self, crop
        )  # TextArea's own takes all colours from the style sheet each time

    def _wrap_as_painted(self) -> None:
        if self.wrapped_document.width != self.wrap_width:
            self.wrapped_document.wrap(self.wrap_width, self.indent_width)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        strip = self._kept[y] = self._painter.row(self.scroll_offset.y + y)
        if self._seen.get(y) is not strip:
            self._seen[y] = None
        return strip

    def _exchange_repaint_regions(self) -> Collection[Region]:
        """Of what is to be painted again only the rows that are not on the screen as they are."""
        regions = super()._exchange_repaint_regions()
        if not regions or not self.size:
            return regions
        self._painter.look()
        self._wrap_as_painted()
        changed: list[Region] = []
        for y in range(self.size.height):
            strip = self._painter.row(self.scroll_offset.y + y)
            if self._seen.get(y) is not strip:
                self._seen[y] = strip
                changed.append(Region(0, y, self.size.width, 1))
        return changed

    def notify_style_update(self) -> None:
        """Forget the rows that were painted in other colours."""
        self._painter.forget()
        self._seen.clear()
        self._kept.clear()
        self._styles_cache.clear()
        super().notify_style_update()

    @property
    def draws_cursor(self) -> bool:
        """Whether the cursor is seen."""
        return self._draw_cursor

    @property
    def ghost_rows(self) -> tuple[str, ...]:
        """What is shown behind the cursor and on the rows below it that is not in the document."""
        return ()

    def style_of(self, kinds: Sequence[str]) -> Style:
        """The style of a stretch of a row that is all of `kinds`, the later ones above the earlier."""
        style = self.rich_style
        if not kinds:
            self._theme.apply_css(self)  # once: the painter keeps the styles until they change
        for kind in kinds:
            if kind == "selection":
                own = self._theme.selection_style
            elif kind == "cursor":
                own = self._theme.cursor_style
            else:
                own = self._own_style(f"editor--{kind}")
            style += own or Style.null()
        return style

    def _own_style(self, name: str) -> Style:
        """What a component's rules say, and nothing of what it would take from the widget."""
        rules, whole = self.get_component_styles(name), self.get_component_rich_style(name)
        color = whole.color if rules.has_rule("color") else None
        background = whole.bgcolor if rules.has_rule("background") else None
        return Style.from_color(color, background) + rules.text_style

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Prose has no brackets to match, and looking for one would read the whole document."""
        return None
