"""A child's end of the pipes: messages written whole, and streams on which nothing else is printed.

Needs no screen and no torch.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import BinaryIO, Final

from core import protocol
from core.protocol import Failure, Message, RequestId
from core.text import one_line

BACKGROUND: Final = 10
"""The niceness of children that work while a person types: the engine goes before them."""


class Wire:
    """Writes messages, whole lines at a time, from any thread; once nobody reads, it writes no more."""

    def __init__(self, descriptor: int, gone: Callable[[], object] | None = None) -> None:
        """Write to a file descriptor; `gone` is called when nobody reads what is written there."""
        self.descriptor = descriptor
        self._gone = gone
        self._lock = threading.Lock()
        self._broken = False

    def send(self, message: Message) -> None:
        """Write one line."""
        line = memoryview(protocol.encode(message))
        with self._lock:
            try:
                while line and not self._broken:
                    line = line[os.write(self.descriptor, line) :]
            except OSError:
                self._broken = True
        if self._broken and self._gone is not None:
            self._gone()

    def fail(self, identity: RequestId | None, code: int, message: str) -> None:
        """Answer that a request failed."""
        self.send(Failure(identity, code, one_line(message)))


def take_streams(gone: Callable[[], object] | None = None) -> tuple[BinaryIO, Wire]:
    """Take standard input and output for the protocol; whatever else is printed goes to standard error."""
    source, wire = os.fdopen(os.dup(0), "rb", buffering=1 << 16), Wire(os.dup(1), gone)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return source, wire
