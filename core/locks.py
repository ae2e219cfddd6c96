"""What only one process may do at a time: it holds a path meanwhile. Needs no screen and no torch.

A lock (flock) on a marker says who holds a path: the system lets it go when the process ends, however it ends, so that
no marker is ever stale. Within a process too, a path is held once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Generator
from pathlib import Path

from core import paths
from core.errors import UserError


class Held(Exception):
    """Somebody else holds the path."""

    def __init__(self, process: str) -> None:
        self.process = process
        """Its number, where it is known."""
        super().__init__(process)


class Lock:
    """A path held by this process until `release`."""

    def __init__(self, path: Path, *, wait: bool = False) -> None:
        """Hold `path`, at which nothing need be; with `wait`, when whoever holds it has let it go.

        Raises Held; where locks do not work, nothing is held and nothing is raised.
        """
        self._descriptor: int | None = None
        try:
            self._marker = _marker(path)
        except (OSError, UserError):
            return
        with contextlib.suppress(OSError):
            while self._descriptor is None:
                self._descriptor = _locked(self._marker, wait=wait)

    def release(self) -> None:
        """Let the path go, and take its marker away."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                self._marker.unlink()
            os.close(descriptor)


@contextlib.contextmanager
def alone(path: Path, busy: str | None = None) -> Generator[None]:
    """Do something while no other process does what it holds the same path for.

    Args:
        path: what is held.
        busy: what to tell a person where it is held already, up to the process; without, it is waited for.

    Raises:
        UserError: when it is busy.
    """
    try:
        lock = Lock(path, wait=busy is None)
    except Held as held:
        where = f" in process {held.process}" if held.process else ""
        raise UserError(f"{busy}{where}: wait for it, or stop it first") from None
    try:
        yield
    finally:
        lock.release()


def _locked(marker: Path, *, wait: bool) -> int | None:
    """Lock a marker and write into it who holds it.

    Returns:
        The open marker, or None where whoever held it has just taken it away, so that a lock on it says nothing.

    Raises:
        Held: when another has it, and it is not waited for.
        OSError: where locks do not work.
    """
    descriptor = os.open(marker, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_at(descriptor, marker):
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except BlockingIOError:
        process = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise Held(process if process.isdigit() else "") from None
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
