"""A terminal without a window, for benchmarks of the app: runs a program in it and notes when its screen changed.

It says that it knows synchronized output (mode 2026), so that the app marks where each update of the screen ends; what
is on the screen is looked at only there, as a person's eyes would find it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

ASKED = b"\x1b[?2026$p"
ANSWER = b"\x1b[?2026;2$y"
UPDATE_END = b"\x1b[?2026l"
SETTINGS = 'model = "{model}"\neagerness = "always"\nghosts = {ghosts}\n'
"""The app's settings file for a benchmark."""
PATIENCE = 90.0
"""Seconds to wait for anything at all."""


def environment(home: Path) -> dict[str, str]:
    """Return the environment of an app that keeps everything in `home`."""
    known = {
        "FORETYPE_HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
    }
    return {**os.environ, **known}


FAREWELL = 5.0
"""Seconds that a program has to end."""


class Terminal:
    """A program in a pseudo-terminal, and its screen."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], size: tuple[int, int]) -> None:
        """Start it; `size` is (columns, rows)."""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self.started = time.perf_counter()
        self.updated = self.started
        """When the last update of the screen had been written."""
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(command[0], list(command), environment)
            finally:
                os._exit(127)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    @property
    def rows(self) -> list[str]:
        """What stands on the screen."""
        return self._screen.display

    def send(self, text: str) -> float:
        """Press keys; returns when."""
        sent = time.perf_counter()
        os.write(self._descriptor, text.encode())
        return sent

    def ghost(self) -> str:
        """What stands in italics: ghosts alone do."""
        cells = (
            self._screen.buffer[row][column]
            for row in range(1, self._screen.lines)
            for column in range(self._screen.columns)
        )
        return "".join(cell.data for cell in cells if cell.italics)

    def is_written(self, line: str) -> bool:
        """Whether a row holds `line`, the last character of it as text: neither a ghost's nor under the cursor."""
        for number, row in enumerate(self._screen.display):
            at = row.find(line)
            if at >= 0:
                cells = self._screen.buffer[number]
                last = cells[at + len(line) - 1]
                return not last.italics and last.bg == cells[0].bg
        return False

    def ghost_after(self, line: str) -> str:
        """What a ghost adds to a row that begins with `line`; empty where there is none."""
        for number, row in enumerate(self._screen.display):
            at = row.find(line) + len(line)
            if at >= len(line):
                # The first letter stands under the cursor, whose style it has.
                cells = [self._screen.buffer[number][column] for column in range(at, self._screen.columns)]
                shown = any(cell.italics for cell in cells[1:])
                return "".join(cell.data for cell in cells).rstrip() if shown else ""
        return ""

    def next_update(self, patience: float = PATIENCE) -> bool:
        """Read until the screen has been updated once; False when nothing came for so long."""
        while True:
            end = self._rest.find(UPDATE_END)
            if end >= 0:
                end += len(UPDATE_END)
                self._stream.feed(self._rest[:end])
                self._rest = self._rest[end:]
                return True
            ready, _, _ = select.select([self._descriptor], [], [], patience)
            if not ready:
                return False
            block = os.read(self._descriptor, 1 << 16)
            self.updated = time.perf_counter()
            if ASKED in block:
                os.write(self._descriptor, ANSWER)
            self._rest += block

    def until(self, true: Callable[[], object], what: str) -> float:
        """Go through updates until something is so; returns when that update had been written.

        Raises:
            RuntimeError: when it never comes to be so.
        """
        end = time.perf_counter() + PATIENCE
        while not true():
            if time.perf_counter() > end or not self.next_update():
                raise RuntimeError(
                    f"there never was {what}:\n" + "\n".join(row.rstrip() for row in self.rows)
                )
        return self.updated

    def pause(self, until: float) -> None:
        """Let time pass, looking at what is painted meanwhile; `until` is a time.perf_counter()."""
        while (left := until - time.perf_counter()) > 0:
            self.next_update(left)

    def close(self) -> None:
        """End the program, and read what it says in farewell: it could not end before."""
        os.kill(self.pid, signal.SIGTERM)
        end = time.perf_counter() + FAREWELL
        with contextlib.suppress(OSError):  # the end of what can be read
            while (left := end - time.perf_counter()) > 0:
                if select.select([self._descriptor], [], [], left)[0] and not os.read(
                    self._descriptor, 1 << 16
                ):
                    break
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self._descriptor)
        os.waitpid(self.pid, 0)
