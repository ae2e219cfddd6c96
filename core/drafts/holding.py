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
            self._marker = _marker(path)
        except (OSError, UserError):
            return
        with contextlib.suppress(OSError):
            while self._descriptor is None:
                self._descriptor = _locked(self._marker)

    def release(self) -> None:
        """Let the file go, and take its marker away."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                self._marker.unlink()
            os.close(descriptor)


def _locked(marker: Path) -> int | None:
    """Lock a marker and write into it who holds it.

    Returns:
        The open marker, or None where whoever held it has just taken it away, so that a lock on it says nothing.

    Raises:
        HeldElsewhere: when another process has it.
        OSError: where locks do not work.
    """
    descriptor = os.open(marker, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_at(descriptor, marker):
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except BlockingIOError:
        process = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise HeldElsewhere(process if process.isdigit() else "") from None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _marker(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return paths.open_folder() / name
