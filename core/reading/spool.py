"""Room for more text than memory should hold: a file without a name, which is gone with the process.

Needs no screen and no torch.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Final

from core.disk import refusal
from core.paths import state_folder

IN_MEMORY: Final = 48 << 20
"""Bytes that are kept in memory before a file is used."""

Piece = Callable[[], bytes]
"""Gives what was kept."""


class Spool:
    """Keeps pieces of bytes for as long as somebody has one of them."""

    def __init__(self) -> None:
        self._size = 0
        self._file: _File | None = None

    def keep(self, data: bytes) -> Piece:
        """Keep a piece, and return what gives it back.

        Raises:
            UserError: when the disk has no room for it.
        """
        start = self._size
        self._size += len(data)
        if self._size <= IN_MEMORY:
            return lambda: data
        folder = state_folder()
        try:
            if self._file is None:
                # Not where the system's temporary files are: that is memory on many machines.
                with tempfile.TemporaryFile(dir=folder) as stream:
                    self._file = _File(os.dup(stream.fileno()))
            view = memoryview(data)
            at = start
            while view:
                written = os.pwrite(self._file.handle, view, at)
                view, at = view[written:], at + written
        except OSError as error:
            raise refusal(error, "the text that was read cannot be kept", folder) from error
        return partial(_read, self._file, start, len(data))


class _File:
    """An open file, closed with the last piece that is in it."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __del__(self) -> None:
        os.close(self.handle)


def _read(file: _File, start: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := os.pread(file.handle, size, start)):
        parts.append(part)
        start, size = start + len(part), size - len(part)
    return b"".join(parts)
