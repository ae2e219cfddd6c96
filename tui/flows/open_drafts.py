"""The drafts that are open: one is in the editor, the others are put aside as they were, undo and cursor included."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from textual.document._document import Location, Selection

from core.drafts.encodings import Encoding
from core.drafts.files import Opened
from core.drafts.recovery import Copy, Recovery
from tui.flows.keeping import Keeper
from tui.widgets.editor import Editor
from tui.widgets.prose_area import Page, make_page

EMPTY = Opened("", Encoding(), None, False)


class OpenDraft:
    """One open draft."""

    _made = 0

    def __init__(
        self, page: Page, path: Path | None, opened: Opened, recovery: Recovery | None = None
    ) -> None:
        OpenDraft._made += 1
        self.name = f"draft-{OpenDraft._made}"
        """What the engine knows it by."""
        self.page = page
        """As it was when it was put aside last; its document is always the one that is written in."""
        self.where: Callable[[], Location] = lambda: self.page.selection.end
        """Tells where the cursor is."""
        self.keeper = Keeper(page.document, lambda: self.where(), path, opened, recovery)

    @property
    def to_lose(self) -> bool:
        """Whether it holds text that no file has."""
        return self.keeper.unsaved and not self.keeper.blank

    @property
    def beginning(self) -> str:
        """The first line with text."""
        return next((line.strip() for line in self.page.document.lines[:200] if line.strip()), "")


def _page(text: str, at: Location) -> Page:
    page = make_page(text)
    page.selection = Selection.cursor(page.document.clamp(at))
    return page


class OpenDrafts:
    """All open drafts, in the order in which they were opened; there is always one."""

    def __init__(self, editor: Editor, shown: Callable[[], None], closed: Callable[[str], None]) -> None:
        """`shown` is called when the editor holds another draft, `closed` with the name of one that is gone."""
        self._editor, self._shown, self._closed = editor, shown, closed
        first = OpenDraft(editor.page, None, EMPTY)
        first.where = lambda: editor.cursor_location
        self.all: list[OpenDraft] = [first]
        self.current = first

    def add(self, path: Path | None, opened: Opened, at: Location = (0, 0)) -> OpenDraft:
        """Show a draft that was opened, the cursor at a place. It takes the place of one in which there is nothing."""
        return self._add(OpenDraft(_page(opened.text, at), path, opened))

    def add_recovered(self, copy: Copy, place: Recovery) -> OpenDraft:
        """Show what a crash left."""
        page = _page(copy.text, (copy.row, copy.column))
        opened = Opened(copy.text, copy.encoding, copy.fingerprint, False)
        return self._add(OpenDraft(page, Path(copy.path) if copy.path else None, opened, place))

    def reload(self, before: OpenDraft, opened: Opened) -> None:
        """Put what was read from a draft's file in its place."""
        before.keeper.close()
        draft = OpenDraft(_page(opened.text, before.where()), before.keeper.path, opened)
        self.all[self.all.index(before)] = draft
        if before is self.current:
            self._show(draft)
            self._editor.call_after_refresh(self._editor.scroll_cursor_visible, center=True)
        self._closed(before.name)

    def _add(self, draft: OpenDraft) -> OpenDraft:
        before = self.current
        blank = before.keeper.blank
        self.all.insert(self.all.index(before) + 1, draft)
        self.show(draft)
        self._editor.call_after_refresh(self._editor.scroll_cursor_visible, center=True)
        if blank:
            self.discard(before)
        return draft

    def discard(self, draft: OpenDraft) -> None:
        """Close a draft that is not the one that is shown."""
        draft.keeper.close()
        self.all.remove(draft)
        self._closed(draft.name)

    def find(self, path: Path) -> OpenDraft | None:
        """The open draft of a file."""
        name = os.path.realpath(path)
        for draft in self.all:
            if draft.keeper.path is not None and os.path.realpath(draft.keeper.path) == name:
                return draft
        return None

    def show(self, draft: OpenDraft) -> None:
        """Put the current draft aside and show another one."""
        if draft is self.current:
            return
        before = self.current
        before.page = self._editor.page
        before.where = lambda: before.page.selection.end
        self._show(draft)

    def _show(self, draft: OpenDraft) -> None:
        self.current = draft
        self._editor.show_page(draft.page)
        draft.where = lambda: self._editor.cursor_location
        self._shown()

    def step(self, by: int) -> None:
        """Show the next draft (1) or the one before (-1)."""
        at = self.all.index(self.current)
        self.show(self.all[(at + by) % len(self.all)])

    def close(self, gone: OpenDraft) -> None:
        """Close a draft; where it is shown, show the one before it. The last one leaves an empty one."""
        at = self.all.index(gone)
        if len(self.all) == 1:
            self.all.append(OpenDraft(make_page(""), None, EMPTY))
        if gone is self.current:
            self.show(self.all[at - 1 if at else 1])
        self.discard(gone)

    @property
    def place(self) -> str:
        """Which of the drafts is shown, where there are some: 2/3."""
        count = len(self.all)
        return f"{self.all.index(self.current) + 1}/{count}" if count > 1 else ""

    async def keep_copies(self) -> str:
        """Bring all recovery copies up to date; return why one could not be, in one line, when that happens first."""
        trouble = ""
        for draft in list(self.all):
            before = draft.keeper.trouble
            await draft.keeper.keep_copy()
            if not before:
                trouble = trouble or draft.keeper.trouble
        return trouble

    def keep_copies_now(self) -> None:
        """Write all copies without waiting for anybody, because the process is about to end."""
        for draft in self.all:
            draft.keeper.keep_copy_now()

    def close_all(self) -> None:
        """All drafts are done with."""
        for draft in self.all:
            draft.keeper.close()
