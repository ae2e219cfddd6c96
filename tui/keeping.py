"""The draft in the editor as a file: whether it is saved, how it is saved, and the copy that outlives a crash."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from core.drafts import Encoding, Fingerprint, Opened, save_draft
from core.errors import UserError
from core.recovery import Copy, Recovery
from core.text import one_line
from tui.widgets.editor import Editor

UNNAMED = "unnamed"


class Keeper:
    """Knows one draft's file and keeps its recovery copy. Writing happens in threads; typing goes on meanwhile."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self.path: Path | None = None
        self.encoding = Encoding()
        self.fingerprint: Fingerprint | None = None
        self.read_only = False
        self._saved_version = editor.version
        self._copied_version = editor.version
        self._recovery: Recovery | None = None
        self._saving = asyncio.Lock()
        self._copying = asyncio.Lock()
        self.trouble = ""
        """Why recovery copies are not kept, in one line; empty while they are."""

    @property
    def name(self) -> str:
        """The draft's name for a person, on one line."""
        return one_line(self.path.name) if self.path else UNNAMED

    @property
    def unsaved(self) -> bool:
        """Whether the editor holds what the file does not."""
        return self._editor.version != self._saved_version

    def take(self, path: Path | None, opened: Opened) -> None:
        """The editor was loaded with this draft."""
        self.path, self.encoding, self.fingerprint = path, opened.encoding, opened.fingerprint
        self.read_only = opened.read_only
        self._saved_version = self._copied_version = self._editor.version

    def take_recovered(self, copy: Copy, place: Recovery) -> None:
        """The editor was loaded with what a crash left; it is unsaved, and its copy stays until it is saved."""
        self.close()
        self.path = Path(copy.path) if copy.path else None
        self.encoding, self.fingerprint, self.read_only = copy.encoding, copy.fingerprint, False
        self._saved_version = -1
        self._copied_version = self._editor.version
        self._recovery = place

    async def save(self, path: Path | None = None, *, force: bool = False, utf8: bool = False) -> None:
        """Save the draft, as `path` if given; raises ChangedOnDisk, Unencodable or UserError.

        A new name is kept only once its file is written.
        """
        target = path or self.path
        assert target is not None
        async with self._saving:
            version, text = self._editor.version, self._editor.document.text
            encoding = Encoding() if utf8 else self.encoding
            expected = self.fingerprint if target == self.path else None
            print_ = await asyncio.to_thread(save_draft, target, text, encoding, expected, force=force)
            self.path, self.encoding, self.fingerprint, self.read_only = target, encoding, print_, False
            self._saved_version = version
        if not self.unsaved:
            await self._clear_copy()

    async def keep_copy(self) -> None:
        """Bring the recovery copy up to date if it is not."""
        if not self.unsaved or self._copied_version == self._editor.version or self._copying.locked():
            return
        async with self._copying:
            version, copy = self._editor.version, self._copy()
            try:
                place = self._place()
                await asyncio.to_thread(place.write, copy)
                self._copied_version, self.trouble = version, ""
            except UserError as error:
                self.trouble = str(error)
            except OSError as error:
                self.trouble = f"unsaved text is not kept ({error.strerror}): save often"

    def keep_copy_now(self) -> None:
        """Write the copy without waiting for anybody, because the process is about to end."""
        if self.unsaved:
            with contextlib.suppress(UserError, OSError):
                self._place().write(self._copy())

    def close(self) -> None:
        """The draft is done with, saved or not wanted: remove its copy."""
        if self._recovery is not None:
            self._recovery.forget()
            self._recovery = None

    def _place(self) -> Recovery:
        if self._recovery is None:
            self._recovery = Recovery()
        return self._recovery

    def _copy(self) -> Copy:
        row, column = self._editor.cursor_location
        path = str(self.path.absolute()) if self.path else None
        return Copy(self._editor.document.text, path, self.encoding, self.fingerprint, row, column)

    async def _clear_copy(self) -> None:
        async with self._copying:
            if self._recovery is not None and not self.unsaved:
                self._recovery.clear()
                self._copied_version = self._editor.version
