"""One file that holds a model: written by `export`, and read back by `import` as what a stranger may have made.

Needs no screen and no torch. It is a zip of a checkpoint's files, flat. Nothing in it is run or unpickled, and
nothing of it is believed: names, kinds, sizes and checksums are held against what a checkpoint may have, before and
while bytes are written. Whether they make a network is for `core.library.librarian` to find out before the library
has it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from core.disk import refusal
from core.errors import UserError
from core.text import one_line

_GIGABYTE: Final = 1 << 30
_MEGABYTE: Final = 1 << 20
LIMITS: Final[Mapping[str, int]] = {
    "model.json": 64 * _MEGABYTE,
    "tokenizer.json": 64 * _MEGABYTE,
    "model.safetensors": 4 * _GIGABYTE,
    "memory.safetensors": 4 * _GIGABYTE,
    "gate.json": _MEGABYTE,
    "personal.safetensors": 4 * _GIGABYTE,
}
"""The files that a model may consist of, and the most bytes of each."""
NEEDED: Final = ("model.json", "tokenizer.json", "model.safetensors")
ENDING: Final = ".foretype"
_BLOCK: Final = 1 << 20
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1


def export_model(folder: Path, file: Path) -> int:
    """Write a checkpoint's folder as one file, for its owner alone, and return the bytes of it.

    Raises:
        UserError: when something is there already, or it cannot be written; then nothing is left of it.
    """
    if os.path.lexists(file):
        raise UserError(f"{one_line(str(file))} is there already: choose another name, or remove it first")
    partial: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".export-", dir=file.parent)
        partial = Path(name)
        with os.fdopen(handle, "w+b") as stream:
            _pack(folder, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(partial, file)  # unlike a rename, it never replaces what somebody put there meanwhile
    except FileExistsError as error:
        raise UserError(
            f"{one_line(str(file))} is there already: choose another name, or remove it first"
        ) from error
    except OSError as error:
        raise refusal(error, "the model is not exported", file) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
    return file.stat().st_size


def _pack(folder: Path, stream: BinaryIO) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(LIMITS):
            source = folder / name
            if source.is_file():
                # Weights hardly shrink; JSON shrinks to a quarter.
                method = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
                archive.write(source, name, method)


@contextlib.contextmanager
def unpacked(file: Path, beside: Path) -> Generator[Path]:
    """Unpack an exported model to a folder below `beside`, for its owner alone, for as long as the context lasts.

    Raises:
        UserError: when it is no such file, holds anything else, is damaged, or there is no room.
    """
    shown = one_line(str(file))
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=".import-", dir=beside))
        try:
            _unpack(file, folder)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise UserError(
                f"{shown} is not a model that Foretype exported, or it is damaged: copy it again"
            ) from error
        except OSError as error:
            raise refusal(error, "the model is not imported", file) from error
        yield folder
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> None:
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("not an ordinary file")
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check(entries, one_line(str(file)))
            if sum(entry.file_size for entry in entries) > shutil.disk_usage(folder).free:
                raise UserError(f"no space left on the disk of {folder.parent}: the model is not imported")
            for entry in entries:
                _copy(archive, entry, folder / entry.filename)


def _check(entries: list[zipfile.ZipInfo], shown: str) -> None:
    """Refuse an archive whose list of contents is not that of a model."""
    names = [entry.filename for entry in entries]
    for entry in entries:
        limit = LIMITS.get(entry.filename)
        if limit is None:
            raise UserError(
                f"{shown} holds {one_line(entry.filename)[:80]!r}, which is no part of a model: not imported"
            )
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or entry.flag_bits & _ENCRYPTED:
            raise UserError(f"{shown} holds a link or something locked: not imported")
        if entry.file_size > limit or entry.compress_type not in _METHODS:
            raise UserError(f"{shown} holds a {entry.filename} larger than any model's: not imported")
    if len(set(names)) != len(names):
        raise UserError(f"{shown} holds a file twice: not imported")
    if missing := [name for name in NEEDED if name not in names]:
        raise UserError(f"{shown} is not a model that Foretype exported: it lacks {missing[0]}")


def _copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write one file; what it unpacks to is counted, because an archive may lie about it."""
    written = 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out, archive.open(entry) as source:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > entry.file_size:
                raise ValueError("larger than it says")
            out.write(block)
        out.flush()
        os.fsync(descriptor)
    if written != entry.file_size:
        raise ValueError("shorter than it says")
