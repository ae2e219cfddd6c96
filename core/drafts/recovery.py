"""Copies of unsaved drafts, so that a crash costs two seconds of typing at the most. Needs no screen and no torch.

Each running Foretype keeps the copies of its own drafts and holds a lock on each of them (flock), which the system
lets go when the process ends, however it ends: a copy whose lock is free is left over from a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from core import paths
from core.drafts.files import Encoding, Fingerprint
from core.errors import UserError

ORPHAN_SECONDS = 60.0
"""A lock without a copy that is older was left by a crash."""

PIECE: Final = 1 << 18
"""Characters that are written at once: whoever types meanwhile has to wait for the writing of one piece at most."""


@dataclass(frozen=True)
class Copy:
    """What is kept of a draft."""

    text: str
    path: str | None
    """The draft's file; None where it has no name yet."""
    encoding: Encoding
    fingerprint: Fingerprint | None
    """The file as it was last seen."""
    row: int = 0
    column: int = 0
    saved: float = 0.0
    """When the copy was made, seconds since 1970."""


class Recovery:
    """The place of one draft's copy, locked for this process until `forget` or `release`."""

    def __init__(self, identity: str | None = None) -> None:
        """Take a new place, or the one called `identity`; raises UserError where another process holds it."""
        folder = paths.recovery_folder()
        self.identity = identity or secrets.token_hex(8)
        self.file = folder / f"{self.identity}.draft"
        self._lock_file = folder / f"{self.identity}.lock"
        self._forgotten = False
        self._begun = self._kept = 0
        """Writes that were begun, and the latest of those that were finished."""
        self._finishing = threading.Lock()
        try:
            self._lock: int | None = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise UserError(f"unsaved drafts cannot be kept ({error.strerror}): save often") from error

    def write(self, copy: Copy) -> None:
        """Keep `copy` in place of the one before, unless a later one was kept meanwhile; raises OSError.

        Two threads may write at once: the one that ends with the process does not wait for the other.
        """
        body = {
            "format": 2,
            "path": copy.path,
            "encoding": [copy.encoding.codec, copy.encoding.mark.hex(), copy.encoding.errors],
            "fingerprint": _as_list(copy.fingerprint),
            "cursor": [copy.row, copy.column],
            "saved": time.time(),
        }
        with self._finishing:
            self._begun += 1
            turn = self._begun
        temporary = self.file.with_suffix(f".{turn}.new")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(descriptor, "wb") as out:
                out.write(json.dumps(body).encode("ascii") + b"\n")
                for start in range(0, len(copy.text), PIECE):
                    out.write(_encoded(copy.text[start : start + PIECE]))
                out.flush()
                os.fsync(out.fileno())
            self._finish(temporary, turn)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
        if self._forgotten:  # by another thread, meanwhile: what is not wanted must not be offered
            self.clear()

    def _finish(self, temporary: Path, turn: int) -> None:
        """Put a copy that is written in place, if it is the latest."""
        with self._finishing:
            if turn < self._kept:
                return
            try:
                os.replace(temporary, self.file)
            except FileNotFoundError:
                if not self._forgotten:
                    raise
            self._kept = turn

    def clear(self) -> None:
        """Remove the copy, because the draft is saved; the place stays ours."""
        for file in (self.file, *self.file.parent.glob(f"{self.identity}.*new")):
            with contextlib.suppress(OSError):
                file.unlink()

    def forget(self) -> None:
        """Remove the copy and give the place up; one that is being written just now goes when it is."""
        self._forgotten = True
        self.clear()
        with contextlib.suppress(OSError):
            self._lock_file.unlink()
        self.release()

    def release(self) -> None:
        """Give the place up and leave the copy for another start."""
        lock, self._lock = getattr(self, "_lock", None), None
        if lock is not None:
            os.close(lock)


@dataclass(frozen=True)
class Found:
    """A copy that a crash left."""

    identity: str
    copy: Copy

    def claim(self) -> Recovery:
        """Take it over; raises UserError where another Foretype was faster."""
        return Recovery(self.identity)


def left_over() -> list[Found]:
    """The copies that no running process holds, newest first; what cannot be read is left alone."""
    found: list[Found] = []
    try:
        _sweep(paths.recovery_folder())
        files = sorted(paths.recovery_folder().glob("*.draft"))
    except (UserError, OSError):
        return []
    for file in files:
        try:
            place = Recovery(file.stem)
        except UserError:
            continue
        try:
            found.append(Found(file.stem, _read(file)))
        except (OSError, ValueError, LookupError, TypeError):
            continue
        finally:
            place.release()
    return sorted(found, key=lambda item: item.copy.saved, reverse=True)


def _sweep(folder: Path) -> None:
    """Remove the locks that a crash left without a copy; one that is being made just now is younger."""
    for file in folder.glob("*.lock"):
        with contextlib.suppress(UserError, OSError):
            if (
                not file.with_suffix(".draft").exists()
                and time.time() - file.stat().st_mtime > ORPHAN_SECONDS
            ):
                Recovery(file.stem).forget()


def _encoded(text: str) -> bytes:
    """A piece of a text, lone surrogates included: they stand for bytes of a file that are no text."""
    return text.encode("utf-8", "surrogatepass")


def _read(file: Path) -> Copy:
    head, _, text = file.read_bytes().partition(b"\n")
    body = cast("dict[str, Any]", json.loads(head))
    if body["format"] == 2:
        body["text"] = text.decode("utf-8", "surrogatepass")
    codec, mark, errors = body["encoding"]
    row, column = body["cursor"]
    print_ = body["fingerprint"]
    path = body["path"]
    return Copy(
        text=str(body["text"]),
        path=None if path is None else str(path),
        encoding=Encoding(str(codec), bytes.fromhex(mark), str(errors)),
        fingerprint=Fingerprint(int(print_[0]), int(print_[1]), int(print_[2]), str(print_[3]))
        if print_
        else None,
        row=int(row),
        column=int(column),
        saved=float(body["saved"]),
    )


def _as_list(print_: Fingerprint | None) -> list[object] | None:
    return None if print_ is None else [print_.size, print_.modified, print_.inode, print_.digest]
