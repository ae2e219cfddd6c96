"""Files, folders and names that are never learnt from, kept in the settings. Needs no screen and no torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from core.errors import UserError
from core.library.library import Library
from core.library.lineage import known_files
from core.reading.ignore import Excluded, is_path, is_pattern
from core.settings import change_setting, settings_for_learning
from core.sources import known_as
from core.text import one_line

_GLOB = "*?[!"


def excluded() -> tuple[str, ...]:
    """Return what is excluded, as the settings have it; raises UserError where they are damaged."""
    return settings_for_learning().exclude


def exclude(names: Sequence[str]) -> list[str]:
    """Exclude files and folders, or patterns as in .gitignore, for ever; return the entries that are new.

    Raises:
        UserError: when one is neither there nor a pattern, or the settings cannot be written.
    """
    now = list(excluded())
    new = [entry for entry in dict.fromkeys(map(_entry, names)) if entry not in now]
    if new:
        change_setting("exclude", [*now, *new])
    return new


def include(names: Sequence[str]) -> list[str]:
    """Take entries off again; return them.

    Raises:
        UserError: when one is not excluded, or the settings cannot be written.
    """
    now = list(excluded())
    gone: list[str] = []
    for name in names:
        found = next((entry for entry in now if entry == name or _same_path(entry, name)), None)
        if found is None:
            raise UserError(f"{one_line(name)} is not excluded: foretype models exclude shows what is")
        gone.append(found)
        now.remove(found)
    change_setting("exclude", now)
    return gone


def learnt_already(entries: Sequence[str]) -> list[tuple[str, str]]:
    """Return (model, path) of each document that a model has learnt from and that is excluded by these entries."""
    unwanted = Excluded(entries)
    found: list[tuple[str, str]] = []
    for model in Library().entries():
        known = (path for path in known_files(model) if os.path.isabs(path))
        found += [(model.name, path) for path in known if Path(path) in unwanted]
    return found


def _entry(name: str) -> str:
    """Return what stands in the settings for a path or pattern."""
    path = Path(name).expanduser()
    if os.path.lexists(path):
        return known_as(path)
    if any(character in name for character in _GLOB) and not name.startswith(("/", "~")) and is_pattern(name):
        return name
    raise UserError(
        f"{one_line(name)} is not there: name a file, a folder, or a pattern such as '*.secret.md'"
    )


def _same_path(entry: str, name: str) -> bool:
    return is_path(entry) and known_as(entry) == known_as(name)
