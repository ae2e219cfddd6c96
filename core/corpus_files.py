"""Finding and reading the files of a corpus, whatever lies in a person's folders. Needs no screen and no torch.

Nothing found can do harm: links in a circle are seen, pipes and devices never opened to wait, what is compressed
is expanded to a limit.
"""

from __future__ import annotations

import bz2
import hashlib
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, Protocol

from core.errors import UserError
from core.text import one_line

MAX_FILE_BYTES: Final = 128 << 20
"""Larger files are left out, also when they are that large only once expanded."""
MAX_MEMBERS: Final = 1000
"""Compressed streams in one file."""
MAX_EXPANDER_BYTES: Final = 256 << 20
"""What expanding may take beside its output: a hostile file can ask for gigabytes."""

SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__"})
COMPRESSED: Final = frozenset({".xz", ".gz", ".bz2"})


def suffixes(names: str) -> frozenset[str]:
    """Return suffixes, with their dots, of names between spaces."""
    return frozenset(f".{name}" for name in names.split())


FORMATTED: Final = suffixes("doc docx odt rtf pdf epub mobi azw3 html htm xhtml xml ipynb eml mbox fb2")
"""Documents whose text lies within markup."""
NOT_PROSE: Final = suffixes(
    "asm bat c cc cfg clj conf cpp cs css csv dart el ex go h hpp hs ini java jl js json jsonl jsx kt lock log lua "
    "m ml php pl ps1 py pyi r rb rs scala scss sh sql svg swift toml ts tsv tsx vim vue yaml yml zig bib cls sty "
    "srt vtt ics vcf patch diff po"
)
"""Text that is no prose: used where it is named, left out of folders."""

Found = tuple[Path, str | None]
"""A file, or what is in its place and why it cannot be used."""


class Unusable(Exception):
    """A file that cannot be learnt from; the message is a reason of a few words."""


def named(path: Path) -> Path:
    """Return a path that was named as an absolute one.

    Raises:
        UserError: when nothing is there.
    """
    try:
        absolute = path.expanduser().absolute()
        absolute.stat()
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, FileNotFoundError):
            raise UserError(f"{one_line(str(path))} is not there: check the path") from error
        raise UserError(f"{one_line(str(path))} cannot be used: {_why(error)}") from error
    return absolute


def is_same_or_below(path: Path, other: Path) -> bool:
    """Say whether a path leads to `other`, which is resolved, or into it."""
    try:
        return path.resolve().is_relative_to(other)
    except (OSError, RuntimeError):
        return False


def walk(path: Path, visited: set[tuple[int, int]]) -> Generator[Found]:
    """Yield a file itself, or all files below a folder in the order of their names.

    Hidden entries are passed over. Links are followed; nothing is yielded twice.

    Args:
        path: absolute.
        visited: device and inode of each file and folder that was met, added to.
    """
    stack = [path]
    while stack:
        current = stack.pop()
        try:
            found = current.stat()
            if (found.st_dev, found.st_ino) in visited:
                continue
            visited.add((found.st_dev, found.st_ino))
            if stat.S_ISDIR(found.st_mode):
                stack.extend(sorted(_children(current), key=lambda child: child.name, reverse=True))
            else:
                yield current, None
        except OSError as error:
            yield current, "a link that leads nowhere" if current.is_symlink() else _why(error)


def _children(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [
            folder / entry.name
            for entry in entries
            if not entry.name.startswith(".") and entry.name not in SKIPPED_FOLDERS
        ]


def read_bytes(file: Path, *, is_named: bool) -> tuple[bytes, bytes, float]:
    """Return a file's bytes, expanded where it is compressed; SHA-256 of it as it lies; when it was modified.

    Args:
        file: what to read.
        is_named: whether a person named it; then its kind is not judged by its suffix.

    Raises:
        Unusable: when it is not to be read, or cannot be.
    """
    suffix = inner_suffix(file)
    if suffix in FORMATTED:
        raise Unusable(f"{suffix} files are not read: convert it to plain text")
    if suffix in NOT_PROSE and not is_named:
        raise Unusable(f"{suffix} files are no prose")
    try:
        # Opening a pipe or some devices would wait for its other end.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Unusable("no ordinary file")
            if status.st_size > MAX_FILE_BYTES:
                raise Unusable(f"larger than {MAX_FILE_BYTES >> 20} MB")
            data = stream.read(MAX_FILE_BYTES)
    except OSError as error:
        raise Unusable(_why(error)) from error
    digest = hashlib.sha256(data).digest()
    return _expanded(file, data), digest, status.st_mtime


def inner_suffix(file: Path) -> str:
    """Return a file's suffix in lower case, the one before where the last only says that it is compressed."""
    suffix = file.suffix.lower()
    return Path(file.stem).suffix.lower() if suffix in COMPRESSED else suffix


class _Expander(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_EXPANDERS: Final[dict[str, Callable[[], _Expander]]] = {
    ".xz": lambda: lzma.LZMADecompressor(memlimit=MAX_EXPANDER_BYTES),
    ".gz": lambda: zlib.decompressobj(wbits=31),
    ".bz2": bz2.BZ2Decompressor,
}


def _expanded(file: Path, data: bytes) -> bytes:
    make = _EXPANDERS.get(file.suffix.lower())
    if make is None:
        return data
    whole = bytearray()
    try:
        for _ in range(MAX_MEMBERS):
            expander = make()
            whole += expander.decompress(data, MAX_FILE_BYTES + 1 - len(whole))
            if len(whole) > MAX_FILE_BYTES:
                raise Unusable(f"larger than {MAX_FILE_BYTES >> 20} MB when expanded")
            if not expander.eof:
                raise Unusable(f"damaged: it does not end as a {file.suffix} file does")
            data = expander.unused_data.lstrip(b"\0")  # both formats allow padding
            if not data:
                return bytes(whole)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise Unusable(f"damaged: it is no sound {file.suffix} file") from error
    raise Unusable(f"more than {MAX_MEMBERS:,} compressed parts")


def _why(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "you may not read it"
    return (error.strerror if isinstance(error, OSError) else None) or one_line(str(error))
