"""Which files are open in a running Foretype, so that a second one notices. Needs no screen and no torch."""

from __future__ import annotations

from pathlib import Path

from core.errors import UserError
from core.locks import Held, Lock


class HeldElsewhere(UserError):
    """Another Foretype has the file open."""

    def __init__(self, process: str) -> None:
        self.process = process
        super().__init__(f"it is open in another Foretype{f' (process {process})' if process else ''}")


class Hold(Lock):
    """A file held open by this process until `release`."""

    def __init__(self, path: Path) -> None:
        """Hold the file at `path`, which need not exist.

        Raises HeldElsewhere; where locks do not work, nothing is held and nothing is raised.
        """
        try:
            super().__init__(path)
        except Held as held:
            raise HeldElsewhere(held.process) from None
