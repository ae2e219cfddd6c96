"""Going elsewhere by picking from a list: to a heading, another draft, a recent file, an earlier version."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.app import App

from core.drafts.markdown import headings
from core.drafts.recent import recent_files
from core.drafts.versions import Version, versions_of
from core.errors import UserError
from core.text import count_words
from tui.flows.drafts import DraftFlow
from tui.flows.open_drafts import OpenDraft, OpenDrafts
from tui.screens.comparing import CompareScreen
from tui.screens.picker import Choice, Picker
from tui.widgets.editor import Editor

NO_NAME = "A draft has earlier versions once it was saved under a name."
MOST_READ = 4_000_000
"""Characters of a file's versions that are read to tell how long they are: a quarter of a second."""


class Going:
    """Shows the lists and goes to what was picked. Runs in a worker, because it waits for answers."""

    def __init__(self, app: App[Any], editor: Editor, drafts: OpenDrafts, flow: DraftFlow) -> None:
        self._app, self._editor, self._drafts, self._flow = app, editor, drafts, flow

    async def to_heading(self) -> None:
        """Pick a heading of the draft and put the cursor there."""
        editor = self._editor
        document = editor.document
        found = await asyncio.to_thread(headings, list(document.lines), document.fences)
        row = editor.cursor_location[0]
        at = max((index for index, heading in enumerate(found) if heading.row <= row), default=0)
        choices = [
            Choice(heading.row, heading.title or "(no words)", indent=2 * (heading.level - 1))
            for heading in found
        ]
        empty = "no heading yet: a line that begins with #"
        picked = await self._app.push_screen_wait(Picker("Go to heading", choices, at=at, empty=empty))
        if picked is not None and document is editor.document:
            editor.move_cursor(document.clamp((picked, len(document.get_line(picked)))), center=True)

    async def to_draft(self) -> None:
        """Pick an open draft, or open a file that was open lately."""
        drafts = self._drafts
        choices: list[Choice[OpenDraft | Path]] = [
            Choice(draft, draft.keeper.name, _remark(draft)) for draft in drafts.all
        ]
        opened = {os.path.realpath(draft.keeper.path) for draft in drafts.all if draft.keeper.path}
        for path in await asyncio.to_thread(recent_files):
            if os.path.realpath(path) not in opened:
                choices.append(Choice(path, path.name, f"recent   {_short(path.parent)}"))
        at = (drafts.all.index(drafts.current) + 1) % len(choices)
        picked = await self._app.push_screen_wait(Picker("Drafts", choices, at=at))
        if isinstance(picked, Path):
            self._flow.load(picked)
        elif picked in drafts.all:
            drafts.show(picked)

    async def to_version(self) -> None:
        """Let the person look at earlier versions until one is brought back or none is wanted."""
        draft = self._drafts.current
        keeper, document = draft.keeper, draft.page.document
        if keeper.path is None:
            self._flow.say(NO_NAME)
            return
        found = await asyncio.to_thread(versions_of, keeper.path)
        remarks = await asyncio.to_thread(_told, found, time.time())
        choices = [
            Choice(version, written(version.saved), remark)
            for version, remark in zip(found, remarks, strict=True)
        ]
        at = 1 if len(found) > 1 and not keeper.unsaved else 0  # the newest is what is there
        while True:
            picker = Picker(
                f"Earlier versions of {keeper.name}", choices, at=at, empty="none yet: save first"
            )
            version = await self._app.push_screen_wait(picker)
            if version is None:
                return
            at = found.index(version)
            text = await self._read(version)
            if text is None:
                continue
            before, after = text.replace("\r\n", "\n"), document.plain_text
            screen = CompareScreen(
                keeper.name, before, after, written(version.saved), "now", action="Bring it back"
            )
            if await self._app.push_screen_wait(screen):
                self._drafts.show(draft)
                self._editor.become(text)
                self._flow.say("It is back; undo returns to what you had.")
                return

    async def _read(self, version: Version) -> str | None:
        try:
            return await asyncio.to_thread(version.read)
        except UserError as error:
            self._flow.say(str(error), wrong=True)
            return None


def _told(versions: Sequence[Version], now: float) -> list[str]:
    """How long each version is, the newest ones at least, and how old."""
    told: list[str] = []
    left = MOST_READ
    for version in versions:
        words = ""
        with contextlib.suppress(UserError):
            if left > 0:
                text = version.read()
                left -= len(text)
                words = f"{count_words(text):,} words, "
        told.append(f"{words}{ago(now - version.saved)}")
    return told


def _remark(draft: OpenDraft) -> str:
    mark = "● " if draft.keeper.unsaved else ""
    words = draft.page.document.words
    start = "" if draft.keeper.path else f"   {draft.beginning[:30]}"
    return f"{mark}{words:,} {'word' if words == 1 else 'words'}{start}"


def _short(folder: Path) -> str:
    return f"~/{folder.relative_to(Path.home())}" if folder.is_relative_to(Path.home()) else str(folder)


def written(moment: float) -> str:
    """A moment as a person writes it."""
    return time.strftime("%a %d %b %Y %H:%M:%S", time.localtime(moment))


def ago(seconds: float) -> str:
    """How long ago, roughly."""
    for unit, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"
