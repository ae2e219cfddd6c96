"""Opening and saving drafts so that no text is lost and no byte changes that was not edited.

Needs no screen and no torch. Saving writes a temporary file beside the draft, flushes it to disk and renames it over
the draft; what cannot be renamed over (hard links, a folder that takes no new files) is overwritten in place, and put
back if that fails.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.disk import NO_SPACE
from core.drafts.encodings import Encoding, Unencodable, decode, decode_as, encode
from core.errors import UserError
from core.text import one_line

__all__ = [
    "ChangedOnDisk",
    "Encoding",
    "Fingerprint",
    "Opened",
    "Unencodable",
    "fingerprint",
    "open_draft",
    "save_draft",
]

MAXIMUM_BYTES: Final = 64 * 1024 * 1024
"""The largest file that is opened as a draft."""


@dataclass(frozen=True)
class Fingerprint:
    """What a file was like when it was last read or written here."""

    size: int
    modified: int
    """Nanoseconds."""
    inode: int
    digest: str
    """SHA-256 of its bytes: what counts when the rest differs."""


@dataclass(frozen=True)
class Opened:
    """A draft as it was read."""

    text: str
    encoding: Encoding
    fingerprint: Fingerprint | None
    """None for a file that does not exist yet."""
    read_only: bool
    """The file cannot be written as things are."""


class ChangedOnDisk(UserError):
    """Somebody else wrote the file since it was read."""


def open_draft(path: Path, codec: str | None = None) -> Opened:
    """Read the draft at `path`; one that does not exist yet is empty. Raises UserError in one line.

    Its encoding is found out, unless `codec` says which (Python's name of it).
    """
    name = one_line(path.name)
    try:
        status = path.stat()
    except FileNotFoundError:
        return Opened("", Encoding(), None, not os.access(_folder(path), os.W_OK) and _folder(path).exists())
    except (OSError, ValueError) as error:
        raise UserError(f"{name} cannot be opened ({_reason(error)})") from error
    if stat.S_ISDIR(status.st_mode):
        raise UserError(f"{name} is a folder: open a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise UserError(f"{name} is not a regular file: open a text file")
    if status.st_size > MAXIMUM_BYTES:
        raise UserError(f"{name} is larger than {MAXIMUM_BYTES >> 20} MiB: split it and open a part")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name} cannot be read ({_reason(error)}): check its permissions") from error
    text, encoding = decode(data, name) if codec is None else decode_as(data, name, codec)
    return Opened(text, encoding, _fingerprint_of(data, status), not os.access(path, os.W_OK))


def fingerprint(path: Path) -> Fingerprint | None:
    """What `path` is like, or None where there is no file."""
    try:
        return _fingerprint_of(path.read_bytes(), path.stat())
    except OSError:
        return None


def save_draft(
    path: Path, text: str, encoding: Encoding, expected: Fingerprint | None, *, force: bool = False
) -> Fingerprint:
    """Write `text` to `path` and return its new fingerprint.

    `expected` is the file as it was last seen, None where there was none: raises ChangedOnDisk where it is different,
    unless `force`. Raises Unencodable, or UserError where it cannot be written; the old file is then intact.
    """
    name = one_line(path.name)
    data = encode(text, encoding)
    target = Path(os.path.realpath(path))
    if not force and _differs(target, expected):
        raise ChangedOnDisk(f"{name} was changed by another program since it was opened")
    if not target.parent.is_dir():
        raise UserError(
            f"{name} is not saved: the folder {one_line(str(target.parent))} does not exist; make it first"
        )
    try:
        _write(target, data)
        return _fingerprint_of(data, target.stat())
    except OSError as error:
        advice = (
            "make room, or save it elsewhere" if error.errno in NO_SPACE else "save it under another name"
        )
        raise UserError(f"{name} is not saved ({_reason(error)}): {advice}") from error


def _folder(path: Path) -> Path:
    return path.parent


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _fingerprint_of(data: bytes, status: os.stat_result) -> Fingerprint:
    return Fingerprint(len(data), status.st_mtime_ns, status.st_ino, hashlib.sha256(data).hexdigest())


def _differs(path: Path, expected: Fingerprint | None) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False  # it is gone: writing it anew overwrites nobody's work
    if expected is None:
        return True
    if (status.st_size, status.st_mtime_ns, status.st_ino) == (
        expected.size,
        expected.modified,
        expected.inode,
    ):
        return False
    found = fingerprint(path)
    return found is not None and found.digest != expected.digest


def _write(target: Path, data: bytes) -> None:
    try:
        old: os.stat_result | None = target.stat()
    except FileNotFoundError:
        old = None
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    if old is not None and old.st_nlink > 1:
        _overwrite(target, data)
        return
    try:
        descriptor, temporary = tempfile.mkstemp(
            # Not the file's own name: with what is put around it, it could be too long.
            prefix=".foretype-",
            suffix=".new",
            dir=target.parent,
        )
    except PermissionError:
        if old is None:
            raise
        _overwrite(target, data)
        return
    try:
        with open(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            _take_after(out.fileno(), target, old)
            os.fsync(out.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(target.parent)


def _take_after(descriptor: int, target: Path, old: os.stat_result | None) -> None:
    """Give a new file the owner, attributes and permissions of the old one, as far as the system lets us."""
    if old is None:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
        return
    with contextlib.suppress(OSError):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for attribute in os.listxattr(target):
                with contextlib.suppress(OSError):
                    os.setxattr(descriptor, attribute, os.getxattr(target, attribute))
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _overwrite(target: Path, data: bytes) -> None:
    """Write in place, so that other names of the file see it too; on failure put the old bytes back."""
    with open(target, "r+b") as out:
        old = out.read()
        if len(data) > len(old) and hasattr(os, "posix_fallocate"):
            with _or_truncated(out.fileno(), len(old)):
                os.posix_fallocate(out.fileno(), 0, len(data))  # fails before anything is overwritten
        try:
            _fill(out.fileno(), data)
        except OSError:
            _fill(out.fileno(), old)
            raise


@contextlib.contextmanager
def _or_truncated(descriptor: int, size: int) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            os.ftruncate(descriptor, size)
            raise
        # A file system without allocation: the writing itself will tell.


def _fill(descriptor: int, data: bytes) -> None:
    view, done = memoryview(data), 0
    while done < len(data):
        done += os.pwrite(descriptor, view[done:], done)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
