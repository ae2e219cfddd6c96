"""Which files are open in a running Foretype, so that a second one notices. Needs no screen and no torch.

As with recovery copies, a lock (flock) says who holds a file: the system lets it go when the process ends, however it
ends, so that no marker is ever stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

from core import paths
from core.errors import UserError


class HeldElsewhere(UserError):
    """Another Foretype has the file open."""

    def __init__(self, process: str) -> None:
        self.process = process
        super().__init__(f"it is open in another Foretype{f' (process {process})' if process else ''}")


class Hold:
    """A file held open by this process until `release`."""

    def __init__(self, path: Path) -> None:
        """Hold the file at `path`, which need not exist.

        Raises HeldElsewhere; where locks do not work, nothing is held and nothing is raised.
        """
        self._descriptor: int | None = None
        try:
            descriptor = os.open(_marker(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except (OSError, UserError):
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise HeldElsewhere(process if process.isdigit() else "") from None
        except OSError:
            os.close(descriptor)
            return
        self._descriptor = descriptor
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the file go. The marker stays: removing it could take it from somebody who just opened it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _marker(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return paths.open_folder() / name
