"""Earlier versions of drafts, kept in the state folder whenever a draft is saved. Needs no screen and no torch.

A version is the file as it was, byte for byte, compressed. Each file has a folder of its own, named by a digest of its
path, with the path itself beside the versions. What is kept is bounded: the more versions there are, the farther apart
the older ones lie.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core import paths
from core.drafts.encodings import decode
from core.drafts.files import MAXIMUM_BYTES
from core.errors import UserError

MOST: Final = 60
"""Versions kept of one file."""
MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes kept of one file, compressed."""
MOST_BYTES_IN_ALL: Final = 256 * 1024 * 1024
"""Bytes kept of all files; those whose last version is oldest give way."""
_ENDING: Final = ".zz"


@dataclass(frozen=True)
class Version:
    """A file as it once was."""

    file: Path
    """Where it is kept."""
    saved: float
    """When it was kept, seconds since 1970."""

    def read(self) -> str:
        """Its text. Raises UserError where it cannot be read."""
        try:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(self.file.read_bytes(), MAXIMUM_BYTES)
            if not unpacker.eof:
                raise ValueError("longer than a draft")
        except (OSError, ValueError, zlib.error) as error:
            raise UserError(f"that version cannot be read ({error}): choose another one") from error
        return decode(data, "that version")[0]


def keep_version(path: Path, data: bytes, now: Callable[[], float] = time.time) -> None:
    """Keep `data` as a version of the file at `path`, unless the last one is the same. Raises OSError, UserError."""
    folder = _folder(path)
    packed = zlib.compress(data, 6)
    before = _versions(folder)
    if before and before[-1].file.read_bytes() == packed:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    _write(folder / "path", os.fsencode(os.path.realpath(path)))
    stamp = max(round(now() * 1000), round(before[-1].saved * 1000) + 1 if before else 0)
    _write(folder / f"{stamp}{_ENDING}", packed)
    for version in too_many(_versions(folder), stamp / 1000):
        version.file.unlink(missing_ok=True)
    _bound(folder)


def versions_of(path: Path) -> list[Version]:
    """What is kept of the file at `path`, the newest first; nothing where that cannot be read."""
    try:
        return _versions(_folder(path))[::-1]
    except (OSError, UserError):
        return []


def too_many(versions: list[Version], now: float) -> list[Version]:
    """Which of `versions`, the oldest first, are one too many: those that close a gap which is small for its age.

    The first and the last stay.
    """
    kept, gone = list(versions), list[Version]()
    sizes = {version: version.file.stat().st_size for version in kept}
    total = sum(sizes.values())
    while len(kept) > 2 and (len(kept) > MOST or total > MOST_BYTES):
        gaps = [
            (kept[index + 1].saved - kept[index - 1].saved) / max(1.0, now - kept[index].saved)
            for index in range(1, len(kept) - 1)
        ]
        least = kept.pop(1 + gaps.index(min(gaps)))
        total -= sizes[least]
        gone.append(least)
    return gone


def _folder(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return paths.versions_folder() / name


def _versions(folder: Path) -> list[Version]:
    """The versions in a folder, the oldest first."""
    found: list[Version] = []
    for file in folder.glob(f"*{_ENDING}") if folder.is_dir() else ():
        if file.stem.isascii() and file.stem.isdigit():
            found.append(Version(file, int(file.stem) / 1000))
    return sorted(found, key=lambda version: version.saved)


def _bound(newest: Path) -> None:
    """Remove all versions of the files that were not saved for longest where all together take too much."""
    folders = [folder for folder in newest.parent.iterdir() if folder.is_dir()]
    sizes = {folder: sum(item.file.stat().st_size for item in _versions(folder)) for folder in folders}
    total = sum(sizes.values())
    for folder in sorted(folders, key=lambda folder: folder.stat().st_mtime):
        if total <= MOST_BYTES_IN_ALL or folder == newest:
            continue
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()
        total -= sizes[folder]


def _write(file: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".new", dir=file.parent)  # for the owner only
    try:
        with open(descriptor, "wb") as out:
            out.write(data)
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
