"""Find and replace in the draft: from the bar's wishes to the editor's selection and edits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from core.drafts.finding import Place, Query, count_matches, next_match, previous_match, replaced
from core.drafts.markdown import Span
from tui.widgets.editor import Editor
from tui.widgets.find_bar import FindBar, Wish

OVERLAY = "find"


class Finder:
    """Looks for what the bar says. Searching is done in a thread: a manuscript may be large."""

    def __init__(self, editor: Editor, bar: FindBar, say: Callable[[str], None]) -> None:
        self._editor, self._bar, self._say = editor, bar, say
        self._from = (0, 0)
        """Where the cursor was when the bar was opened: what is typed there is looked for from here."""

    def open(self, *, replace: bool = False) -> None:
        """Open the bar; a selection within a line is what is looked for."""
        editor = self._editor
        top, bottom = sorted(editor.selection)
        text = editor.document.get_text_range(top, bottom) if top[0] == bottom[0] else ""
        self._from = top
        editor.overlays[OVERLAY] = self._matches
        self._bar.open(text, replace=replace)
        editor.repaint()

    def close(self) -> None:
        """Close the bar; what was found last stays selected."""
        self._editor.overlays.pop(OVERLAY, None)
        self._bar.close()
        self._editor.repaint()
        self._editor.screen.set_focus(self._editor)

    def text_changed(self) -> None:
        """The draft changed: how many there are is not known any more."""
        if self._bar.shown:
            self._bar.say("")

    async def changed(self) -> None:
        """Show the first match from where the person was, as they type."""
        self._editor.repaint()
        query = self._bar.query_now
        if not query.text:
            self._bar.say("")
            self._editor.move_cursor(self._editor.document.clamp(self._from))
            return
        await self._seek(query, self._from, forward=True)

    async def do(self, wish: Wish) -> None:
        """Do what the bar asks for."""
        query = self._bar.query_now
        if wish == "close":
            self.close()
        elif not query.text:
            return
        elif wish == "next":
            await self._seek(query, max(self._editor.selection), forward=True)
        elif wish == "previous":
            await self._seek(query, min(self._editor.selection), forward=False)
        elif wish == "replace":
            self._replace(query)
            await self._seek(query, self._editor.selection.end, forward=True)
        else:
            await self._replace_all(query)

    def _matches(self, line: int, start: int, end: int) -> Sequence[Span]:
        text = self._editor.document.get_line(line)
        return [
            (first, last, "match")
            for first, last in self._bar.query_now.in_line(text)
            if first < end and last > start
        ]

    async def _seek(self, query: Query, place: tuple[int, int], *, forward: bool) -> None:
        editor = self._editor
        version, lines = editor.version, list(editor.document.lines)
        seek = next_match if forward else previous_match
        found = await asyncio.to_thread(seek, lines, query, *place)
        if version != editor.version or query != self._bar.query_now:
            return
        if found is None:
            self._bar.say("none")
            return
        self._select(found)
        total, before = await asyncio.to_thread(count_matches, lines, query, found[:2])
        if version == editor.version and query == self._bar.query_now:
            self._bar.say(f"{before + 1:,} of {total:,}")

    def _select(self, place: Place) -> None:
        editor = self._editor
        row, first, last = place
        editor.select_range((row, first), (row, last))
        self._from = (row, first)

    def _replace(self, query: Query) -> None:
        """Replace what is selected, if it is a match."""
        editor = self._editor
        top, bottom = sorted(editor.selection)
        spans = query.in_line(editor.document.get_line(top[0])) if top[0] == bottom[0] else ()
        if (top[1], bottom[1]) in spans:
            editor.history.checkpoint()
            editor.replace(self._bar.by, top, bottom, maintain_selection_offset=False)
            editor.history.checkpoint()

    async def _replace_all(self, query: Query) -> None:
        editor = self._editor
        version, text = editor.version, editor.document.text
        new, count = await asyncio.to_thread(replaced, text, query, self._bar.by)
        if version != editor.version:
            return
        if count:
            editor.become(new)
        self._bar.say(f"{count:,} replaced")
        self._say(f"{count:,} {'place' if count == 1 else 'places'} replaced; one undo takes it all back.")
