"""Finding and opening the files of a corpus, whatever lies in a person's folders. Needs no screen and no torch.

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
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

from core.errors import UserError
from core.reading import ignore
from core.reading.ignore import Excluded, Stack
from core.reading.limits import MAX_DEPTH, MAX_FILE_BYTES, MAX_MEMBERS, Unusable
from core.reading.mailboxes import is_maildir
from core.sources import known_as
from core.text import one_line

MAX_EXPANDER_BYTES: Final = 256 << 20
"""What expanding may take beside its output: a hostile file can ask for gigabytes."""
SKIPPED_FOLDERS: Final = frozenset({"node_modules", "__pycache__"})
COMPRESSED: Final = frozenset({".xz", ".gz", ".bz2"})
EXCLUDED: Final = "kept out as you asked"
IGNORED: Final = "ignored by a .gitignore"


@dataclass(frozen=True)
class Found:
    """A file, or what is in its place and why it cannot be used."""

    path: Path
    problem: str | None = None
    in_maildir: bool = False
    """Whether it is a message of a Maildir, which has no suffix."""


def named(path: Path) -> Path:
    """Return a path that was named in the form in which files are known.

    Raises:
        UserError: when nothing is there.
    """
    try:
        whole = Path(known_as(path))
        whole.stat()
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, FileNotFoundError):
            raise UserError(f"{one_line(str(path))} is not there: check the path") from error
        raise UserError(f"{one_line(str(path))} cannot be used: {why(error)}") from error
    return whole


@dataclass(frozen=True)
class _Place:
    """An entry to be looked at, and what holds where it lies."""

    path: Path
    rules: Stack = ()
    depth: int = 0
    in_maildir: bool = False


class Walker:
    """Goes through files and folders; nothing is met twice."""

    def __init__(self, excluded: Excluded) -> None:
        self._excluded = excluded
        self._visited: set[tuple[int, int]] = set()

    def walk(self, path: Path) -> Generator[Found]:
        """Yield a file itself, or all files below a folder in the order of their names.

        Hidden entries are passed over, but for the folders of a Maildir. Links are followed.

        Args:
            path: absolute.
        """
        stack = [_Place(path, ignore.rules_above(path) if path.is_dir() else ())]
        while stack:
            place = stack.pop()
            try:
                found = place.path.stat()
                if (found.st_dev, found.st_ino) in self._visited:
                    continue
                self._visited.add((found.st_dev, found.st_ino))
                is_folder = stat.S_ISDIR(found.st_mode)
                if place.path in self._excluded:
                    yield Found(place.path, EXCLUDED)
                elif ignore.is_ignored(place.path, place.rules, is_folder=is_folder) and place.depth:
                    yield Found(place.path, IGNORED)
                elif not is_folder:
                    yield Found(place.path, in_maildir=place.in_maildir)
                elif place.depth > MAX_DEPTH:
                    yield Found(place.path, f"more than {MAX_DEPTH} folders deep")
                else:
                    stack.extend(_children(place))
            except OSError as error:
                yield Found(
                    place.path, "a link that leads nowhere" if place.path.is_symlink() else why(error)
                )


def _children(place: _Place) -> list[_Place]:
    """Return what is in a folder, the last by name first."""
    folder = place.path
    rules = ignore.rules_in(folder, place.rules)
    mail = is_maildir(folder)
    with os.scandir(folder) as entries:
        names = sorted((entry.name for entry in entries if _is_met(entry.name, mail)), reverse=True)
    messages = place.in_maildir or (folder.name in ("cur", "new") and is_maildir(folder.parent))
    return [
        _Place(folder / name, rules, place.depth + 1, messages)
        for name in names
        if not name.startswith(".") or is_maildir(folder / name)
    ]


def _is_met(name: str, in_maildir: bool) -> bool:
    return (in_maildir or not name.startswith(".")) and name not in SKIPPED_FOLDERS


@dataclass(frozen=True)
class Opened:
    """A file that was opened: a stream at its beginning, which is to be closed, and facts of it."""

    stream: BinaryIO
    size: int
    modified: float

    def __enter__(self) -> Self:
        """Keep it open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.stream.close()


def open_file(file: Path) -> Opened:
    """Open an ordinary file.

    Raises:
        Unusable: when it is none, or may not be read.
    """
    try:
        # Opening a pipe or some devices would wait for its other end.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unusable(why(error)) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise Unusable("no ordinary file")
    return Opened(os.fdopen(handle, "rb"), status.st_size, status.st_mtime)


def read_all(opened: Opened) -> tuple[bytes, bytes]:
    """Return a file's bytes, and their SHA-256.

    Raises:
        Unusable: when it is too large, or cannot be read.
    """
    if opened.size > MAX_FILE_BYTES:
        raise Unusable(f"larger than {MAX_FILE_BYTES >> 20} MB")
    try:
        data = opened.stream.read(MAX_FILE_BYTES)
    except OSError as error:
        raise Unusable(why(error)) from error
    return data, hashlib.sha256(data).digest()


def suffix_of(file: Path) -> str:
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


def expanded(file: Path, data: bytes) -> bytes:
    """Return a file's bytes as they were before they were compressed, if they were.

    Raises:
        Unusable: when they are damaged, or become too many.
    """
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
                raise Unusable(f"damaged: it does not end as a {file.suffix.lower()} file does")
            data = expander.unused_data.lstrip(b"\0")  # both formats allow padding
            if not data:
                return bytes(whole)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise Unusable(f"damaged: it is no sound {file.suffix.lower()} file") from error
    raise Unusable(f"more than {MAX_MEMBERS:,} compressed parts")


def why(error: Exception) -> str:
    """Return in a few words why the system refused."""
    if isinstance(error, PermissionError):
        return "you may not read it"
    return (error.strerror if isinstance(error, OSError) else None) or one_line(str(error))
