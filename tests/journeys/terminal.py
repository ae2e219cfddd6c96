"""A pseudo-terminal with the foretype command in it, and eyes to read its screen."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pyte

PATIENCE = 60.0
"""Seconds after which a journey gives up waiting for the screen; nothing is said about speed."""
KEYS = {
    "tab": "\t", "escape": "\x1b", "enter": "\r", "ctrl+s": "\x13", "ctrl+q": "\x11", "left": "\x1b[D",
    "down": "\x1b[B", "end": "\x1b[F", "space": " ", "ctrl+pagedown": "\x1b[6;5~", "ctrl+pageup": "\x1b[5;5~",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS",
    "right": "\x1b[C",
}  # fmt: skip


class Terminal:
    """Runs foretype at a size; `screen` is what a person sees."""

    def __init__(
        self,
        home: Path,
        folder: Path,
        *arguments: str,
        width: int = 120,
        height: int = 36,
        before: Sequence[str] = (),
    ) -> None:
        """`before` is what starts the app, if something else is the first process of the terminal."""
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        environment = {
            # A worker of pytest's has the size of no terminal in these, and they would go before the terminal's.
            **{name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")},
            "FORETYPE_HOME": str(home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
        }
        command = [*before, sys.executable, "-P", "-m", "tui", *arguments]
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            command[1:],
            env=environment,
            cwd=str(folder),
            dimensions=(height, width),
            timeout=PATIENCE,
        )

    @property
    def screen(self) -> str:
        """The rows of the screen, blanks at their ends left out."""
        return "\n".join(row.rstrip() for row in self._screen.display)

    def ghost(self) -> str:
        """What stands on the screen in italics."""
        cells = (cell for row in range(1, self._screen.lines) for cell in self._row(row) if cell.italics)
        return "".join(cell.data for cell in cells)

    def bold(self, text: str) -> bool:
        """Whether a text is on the screen in bold, as the label of what has the focus is."""
        return any(cell.bold for cell in self._first_cells(text))

    def pressable(self, label: str) -> bool:
        """Whether a button has the focus: its label is in reverse. What is pressed before goes to another."""
        return any(cell.reverse for cell in self._first_cells(label))

    def _first_cells(self, text: str) -> list[pyte.screens.Char]:
        found = ((row, line.find(text)) for row, line in enumerate(self._screen.display))
        return [self._row(row)[at] for row, at in found if at >= 0]

    def _row(self, row: int) -> list[pyte.screens.Char]:
        return [self._screen.buffer[row][column] for column in range(self._screen.columns)]

    def type(self, text: str) -> None:
        """Type characters."""
        self._child.send(text.encode())

    def press(self, *keys: str) -> None:
        """Press keys that have a name."""
        self._child.send("".join(KEYS[key] for key in keys).encode())

    def until(self, true: Callable[[], object], what: str) -> None:
        """Read on until something is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            try:
                self._stream.feed(
                    self._child.read_nonblocking(65536, timeout=max(0.1, end - time.monotonic()))
                )
            except pexpect.EOF:
                assert true(), f"the app ended before there was {what}:\n{self.screen}"
                return
            except pexpect.TIMEOUT:
                pass
            assert time.monotonic() < end, f"there never was {what}:\n{self.screen}"

    def sees(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.until(lambda: text in self.screen, repr(text))

    def ends(self) -> int | None:
        """Wait until the app has ended; its exit status."""
        self._child.expect(pexpect.EOF)
        self._child.close()
        return self._child.exitstatus

    def kill(self) -> None:
        """End it as nothing else does: kill -9."""
        self._child.kill(signal.SIGKILL)
        self.ends()

    def vanish(self) -> int:
        """Be closed by who sits before it; the exit status of what ran in it."""
        self._child.ptyproc.fileobj.close()
        self._child.closed = self._child.ptyproc.closed = self._child.ptyproc.terminated = True
        return os.waitstatus_to_exitcode(os.waitpid(self._child.pid, 0)[1])

    def close(self) -> None:
        """Leave nothing behind."""
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
            self._child.wait()
        self._child.close()
