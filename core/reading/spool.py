"""Room for more text than memory should hold: a file without a name, which is gone with the process.

Needs no screen and no torch.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from typing import IO, Final

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
        self._file: IO[bytes] | None = None

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
                self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 (closed with the last piece)
            view = memoryview(data)
            at = start
            while view:
                written = os.pwrite(self._file.fileno(), view, at)
                view, at = view[written:], at + written
        except OSError as error:
            raise refusal(error, "the text that was read cannot be kept", folder) from error
        return partial(_read, self._file, start, len(data))


def _read(file: IO[bytes], start: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (part := os.pread(file.fileno(), size, start)):
        parts.append(part)
        start, size = start + len(part), size - len(part)
    return b"".join(parts)
