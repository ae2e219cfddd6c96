"""What is not to be read: what .gitignore files say, and what the settings exclude for ever. No screen, no torch.

Patterns are git's, read by pathspec. Files named on purpose are read whatever .gitignore says; what the settings
exclude is never read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME: Final = ".gitignore"
_MOST_BYTES: Final = 1 << 20
_MOST_STARS: Final = 3
"""Stars within one part of a pattern: each more multiplies the time that a hostile one takes to match nothing."""


@dataclass(frozen=True)
class _Rules:
    """What one .gitignore says of the files below its folder."""

    folder: str
    spec: GitIgnoreSpec

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Return whether a path is ignored, None where no pattern says."""
        below = os.path.relpath(path, self.folder)
        return self.spec.check_file(f"{below}/" if is_folder else below).include


Stack = tuple[_Rules, ...]
"""The rules that hold in a folder, those of its own last."""


def rules_above(folder: Path) -> Stack:
    """Return what the folders above one say, up to the root of the repository that it is in; nothing outside of one."""
    above: list[Path] = []
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            break
        above.append(parent.parent)
    else:
        return ()
    stack: Stack = ()
    for parent in reversed(above):
        stack = rules_in(parent, stack)
    # What is named is read, also where it is in a folder that git ignores.
    return (
        ()
        if any(is_ignored(part, stack, is_folder=True) for part in (*above[:-1], folder) if above)
        else stack
    )


def rules_in(folder: Path, above: Stack) -> Stack:
    """Return the rules that hold within a folder, given those that hold for it."""
    try:
        with open(folder / NAME, "rb") as stream:
            lines = stream.read(_MOST_BYTES).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return above
    spec = specification(lines)
    return (*above, _Rules(str(folder), spec)) if spec is not None else above


def specification(lines: Iterable[str]) -> GitIgnoreSpec | None:
    """Return patterns made ready, without those that make no sense or cost too much; None where none is left."""
    from pathspec import GitIgnoreSpec  # 50 ms, and most folders have no such file

    good: list[str] = []
    for line in lines:
        if (
            not line.strip()
            or line.startswith("#")
            or any(part.count("*") > _MOST_STARS for part in line.split("/"))
        ):
            continue
        if line.count("**") > _MOST_STARS or len(line) > 1000:
            continue
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, TypeError, re.error):
            continue
        good.append(line)
    return GitIgnoreSpec.from_lines(good) if good else None


def is_ignored(path: Path, stack: Stack, *, is_folder: bool) -> bool:
    """Say whether a file or folder is ignored: the deepest rule that speaks of it decides."""
    for rules in reversed(stack):
        verdict = rules.verdict(str(path), is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


class Excluded:
    """What is never to be read: files and folders by their paths, and patterns for names anywhere."""

    def __init__(self, entries: Sequence[str] = (), paths: Iterable[Path] = ()) -> None:
        """Take the entries of the settings: a path that begins with / or ~, or a pattern as in .gitignore.

        Args:
            entries: from the settings.
            paths: more files and folders.
        """
        named = [Path(entry).expanduser() for entry in entries if is_path(entry)]
        self._paths = [_resolved(path) for path in [*named, *paths]]
        self._spec = specification(entry for entry in entries if not is_path(entry))

    def __contains__(self, path: Path) -> bool:
        """Say whether a file or folder is excluded, or is in one that is, also by way of links."""
        if self._spec is not None and self._spec.match_file(str(path).lstrip("/")):
            return True
        if not self._paths and self._spec is None:
            return False
        resolved = _resolved(path)
        if self._spec is not None and self._spec.match_file(str(resolved).lstrip("/")):
            return True
        return any(resolved.is_relative_to(excluded) for excluded in self._paths)


def is_path(entry: str) -> bool:
    """Say whether an entry of the settings is a path rather than a pattern."""
    return entry.startswith(("/", "~"))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def is_pattern(entry: str) -> bool:
    """Say whether an entry of the settings can be used: a path, or a pattern that makes sense."""
    return is_path(entry) or specification([entry]) is not None
