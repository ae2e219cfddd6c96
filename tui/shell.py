"""What the app wants otherwise than Textual's App has it: notices that do not pile up, a clipboard for any text, an end
that loses nothing.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import termios
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App
from textual.notifications import Notify

if TYPE_CHECKING:
    from textual.driver import Driver


END_SECONDS = 3.0
"""Seconds after which an app that was told to end is ended."""
LOOK_SECONDS = 2.0
"""How often it looks whether its terminal is still there."""


def _has_terminal() -> bool:
    """Whether standard input is a terminal that somebody still holds."""
    try:
        termios.tcgetattr(0)
    except (termios.error, OSError):
        return False
    return True


class Shell(App[None]):
    """An app whose notices and clipboard take what drafts and models may hold."""

    SUSPENDED_SCREEN_CLASS = "-suspended"

    def _on_notify(self, event: Notify) -> None:
        """A notice that says the same as one that still shows takes its place, so that none pile up."""
        new = event.notification
        for notice in list(self._notifications):
            if (notice.message, notice.title) == (new.message, new.title):
                self._unnotify(notice, refresh=False)
        # Textual calls its own handler after this one.

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text: as it is for this app, and for others what of it is Unicode."""
        self._clipboard = text
        driver: Driver | None = self._driver
        if driver is not None:
            data = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
            driver.write(f"\x1b]52;c;{data}\a")

    def heed_signals(self, end: Callable[[], None]) -> None:
        """Call `end` when the terminal is closed or somebody ends the process."""
        ended = False

        def begin() -> None:
            nonlocal ended
            if ended:
                return
            ended = True
            # A terminal that is gone takes no output, and Textual would wait for it for ever.
            guard = threading.Timer(END_SECONDS, os._exit, (1,))
            guard.daemon = True
            guard.start()
            end()

        # Only the first process of a terminal hears that it is closed: `make`, or a shell that waits for us.
        if _has_terminal():
            self.set_interval(LOOK_SECONDS, lambda: None if _has_terminal() else begin(), name="terminal")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, begin)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not the main thread
