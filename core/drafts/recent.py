"""The files that were opened last and where one was in each, in the state folder. Needs no screen and no torch."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

from core import paths
from core.errors import UserError

MOST: Final = 40
Place = tuple[int, int]
"""Row and column, from 0."""
START: Final[Place] = (0, 0)


def recent_files() -> list[Path]:
    """Files that were opened or saved and are still there, the last first."""
    return [path for path in map(Path, _read()) if path.is_file()]


def place_in(path: Path) -> Place:
    """Where one was in a file when it was closed; its start where that is not known."""
    return _read().get(os.path.abspath(path), START)


def remember_file(path: Path) -> None:
    """Put a file first among the recent ones; that this fails is nobody's trouble."""
    name = os.path.abspath(path)
    _change(
        lambda known: {
            name: known.get(name, START),
            **{other: known[other] for other in known if other != name},
        }
    )


def remember_place(path: Path, place: Place) -> None:
    """Remember where one was in a recent file; that this fails is nobody's trouble."""
    name = os.path.abspath(path)
    if _read().get(name, place) != place:
        _change(lambda known: {**known, name: place} if name in known else known)


def _change(change: Callable[[dict[str, Place]], dict[str, Place]]) -> None:
    with contextlib.suppress(OSError, UserError, UnicodeError):
        _write(dict(list(change(_read()).items())[:MOST]))


def _file() -> Path:
    return paths.state_folder() / "recent.json"


def _read() -> dict[str, Place]:
    """The places in files by their paths, the last file first; an earlier Foretype wrote paths alone."""
    try:
        listed = json.loads(_file().read_bytes())
    except (OSError, ValueError, RecursionError, UserError):
        return {}
    known: dict[str, Place] = {}
    for item in cast("list[object]", listed) if isinstance(listed, list) else []:
        match item:
            case [str(name), int(row), int(column)] if "\0" not in name:
                known[name] = max(row, 0), max(column, 0)
            case str(name) if "\0" not in name:
                known[name] = START
            case _:
                pass
    return known


def _write(known: dict[str, Place]) -> None:
    file = _file()
    descriptor, temporary = tempfile.mkstemp(prefix=".recent.", dir=file.parent)  # for the owner only
    try:
        with open(descriptor, "w", encoding="ascii") as out:
            json.dump([[name, *place] for name, place in known.items()], out)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise
