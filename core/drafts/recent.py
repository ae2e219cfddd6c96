"""The files that were opened last, by their paths, in the state folder. Needs no screen and no torch."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Final, cast

from core import paths
from core.errors import UserError

MOST: Final = 40


def recent_files() -> list[Path]:
    """Files that were opened or saved and are still there, the last first."""
    return [path for path in map(Path, _read()) if path.is_file()]


def remember_file(path: Path) -> None:
    """Put a file first among the recent ones; that this fails is nobody's trouble."""
    name = os.path.abspath(path)
    with contextlib.suppress(OSError, UserError, UnicodeError):
        _write([name, *(other for other in _read() if other != name)][:MOST])


def _file() -> Path:
    return paths.state_folder() / "recent.json"


def _read() -> list[str]:
    try:
        names = json.loads(_file().read_bytes())
    except (OSError, ValueError, UserError):
        return []
    items = cast("list[object]", names) if isinstance(names, list) else []
    return [name for name in items if isinstance(name, str) and "\0" not in name]


def _write(names: list[str]) -> None:
    file = _file()
    descriptor, temporary = tempfile.mkstemp(prefix=".recent.", dir=file.parent)  # for the owner only
    try:
        with open(descriptor, "w", encoding="ascii") as out:
            json.dump(names, out)
        os.replace(temporary, file)
    except BaseException:
        os.unlink(temporary)
        raise
