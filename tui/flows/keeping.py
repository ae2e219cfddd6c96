"""A draft as a file: whether it is saved, how it is saved, its earlier versions, and the copy that outlives a crash."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path

from textual.document._document import Location

from core.drafts.encodings import encode
from core.drafts.files import Encoding, Fingerprint, Opened, fingerprint, save_draft
from core.drafts.holding import HeldElsewhere, Hold
from core.drafts.recent import remember_place
from core.drafts.recovery import Copy, Recovery
from core.drafts.versions import keep_version
from core.errors import UserError
from core.text import one_line
from tui.widgets.prose import DraftDocument

UNNAMED = "unnamed"
NEVER = -1
"""The version of a document that was never saved as it is."""


class Keeper:
    """Knows one draft's file and keeps its recovery copy. Writing happens in threads; typing goes on meanwhile."""

    def __init__(
        self,
        document: DraftDocument,
        cursor: Callable[[], Location],
        path: Path | None,
        opened: Opened,
        recovery: Recovery | None = None,
    ) -> None:
        """The draft `opened` from `path`; one that a crash left comes with the place of its copy, and is unsaved.

        Args:
            document: what is written.
            cursor: tells where the cursor is, which the copy keeps.
            path: the file; None for a draft without a name.
            opened: how it was when it was read.
            recovery: where its copy is, which stays until it is saved.
        """
        self._document, self._cursor = document, cursor
        self.path, self.encoding, self.fingerprint = path, opened.encoding, opened.fingerprint
        self.read_only = opened.read_only
        self._saved_version = NEVER if recovery else document.version
        self._saved_text = None if recovery else hash(document.text)
        self._compared = NEVER
        """The version that was last compared with what is saved."""
        self._copied_version = document.version
        self._recovery = recovery
        self._saving = asyncio.Lock()
        self._copying = asyncio.Lock()
        self._kept = ""
        """Digest of the last version kept."""
        self.trouble = ""
        """Why recovery copies are not kept, in one line; empty while they are."""
        self._noticed = (0, 0)
        """Size and date of a change on disk that was told already."""
        self._hold: Hold | None = None
        self.held_elsewhere = ""
        """Who else has the file open, in one line; empty for nobody."""
        self.take_hold()

    @property
    def name(self) -> str:
        """The draft's name for a person, on one line."""
        return one_line(self.path.name) if self.path else UNNAMED

    @property
    def unsaved(self) -> bool:
        """Whether the editor holds what the file does not; undoing may have brought back what it holds."""
        document = self._document
        if document.version == document.undone and document.version not in (
            self._saved_version,
            self._compared,
        ):
            self._compared = document.version
            if hash(document.text) == self._saved_text:
                self._saved_version = document.version
        return document.version != self._saved_version

    @property
    def blank(self) -> bool:
        """Whether there is nothing to lose: no name, and nothing but white space."""
        return self.path is None and not any(line.strip() for line in self._document.lines)

    def take_hold(self) -> None:
        """Hold the file for this Foretype, or note who does."""
        if self.path is None or self._hold is not None:
            return
        try:
            self._hold, self.held_elsewhere = Hold(self.path), ""
        except HeldElsewhere as error:
            self.held_elsewhere = f"{self.name}: {error}"

    async def notice_change(self) -> bool:
        """Whether another program changed the file since this was asked last; it is read only if its date differs."""
        path, known = self.path, self.fingerprint
        if path is None or known is None or self._saving.locked():
            return False
        try:
            status = path.stat()
        except OSError:
            return False
        seen = status.st_size, status.st_mtime_ns
        if seen in ((known.size, known.modified), self._noticed):
            return False
        now = await asyncio.to_thread(fingerprint, path)
        if self._saving.locked() or self.fingerprint is not known:
            return False
        self._noticed = seen
        return now is not None and now.digest != known.digest

    async def save(self, path: Path | None = None, *, force: bool = False, utf8: bool = False) -> None:
        """Save the draft, as `path` if given; raises ChangedOnDisk, Unencodable or UserError.

        A new name is kept only once its file is written.
        """
        target = path or self.path
        assert target is not None
        async with self._saving:
            version, text = self._document.version, self._document.text
            encoding = Encoding() if utf8 else self.encoding
            expected = self.fingerprint if target == self.path else None
            print_ = await asyncio.to_thread(self._write, target, text, encoding, expected, force)
            if target != self.path:
                self._let_go()
            self.path, self.encoding, self.fingerprint, self.read_only = target, encoding, print_, False
            self._saved_version, self._saved_text = version, hash(text)
            self.take_hold()
        if not self.unsaved:
            await self._clear_copy()

    def _write(
        self, target: Path, text: str, encoding: Encoding, expected: Fingerprint | None, force: bool
    ) -> Fingerprint:
        """Write the file; what it held before and what it holds now are kept as versions."""
        try:
            before = target.read_bytes()
        except (OSError, ValueError):
            before = b""
        print_ = save_draft(target, text, encoding, expected, force=force)
        with contextlib.suppress(OSError, UserError):  # the draft is safe, which is what was asked for
            if before and hashlib.sha256(before).hexdigest() != self._kept:
                keep_version(target, before)
            keep_version(target, encode(text, encoding))
            self._kept = print_.digest
        return print_

    async def keep_copy(self) -> None:
        """Bring the recovery copy up to date if it is not; what is saved needs none."""
        if not self.unsaved and self._copied_version != self._document.version:
            await self._clear_copy()
        if not self.unsaved or self._copied_version == self._document.version or self._copying.locked():
            return
        async with self._copying:
            version, copy = self._document.version, self._copy()
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
        if self.path is not None:
            remember_place(self.path, self._cursor())
        if self.unsaved:
            with contextlib.suppress(UserError, OSError):
                self._place().write(self._copy())

    def close(self) -> None:
        """The draft is done with, saved or not wanted: remove its copy, and let its file go."""
        if self.path is not None:
            remember_place(self.path, self._cursor())
        if self._recovery is not None:
            self._recovery.forget()
            self._recovery = None
        self._let_go()

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold.release()
            self._hold = None

    def _place(self) -> Recovery:
        if self._recovery is None:
            self._recovery = Recovery()
        return self._recovery

    def _copy(self) -> Copy:
        row, column = self._cursor()
        path = str(self.path.absolute()) if self.path else None
        return Copy(self._document.text, path, self.encoding, self.fingerprint, row, column)

    async def _clear_copy(self) -> None:
        async with self._copying:
            if self._recovery is not None and not self.unsaved:
                self._recovery.clear()
                self._copied_version = self._document.version
