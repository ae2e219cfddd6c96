"""By what path a file that a model learns from is known: in one form, however it was named. No screen, no torch."""

from __future__ import annotations

import os


def known_as(path: str | os.PathLike[str]) -> str:
    """Return a path in the form that is kept and compared: absolute, without `~`, `.` and `..`."""
    return os.path.abspath(os.path.expanduser(path))


def kept_as(path: str) -> str:
    """Return a path that was kept, perhaps in another form; what is not absolute is not of this machine's files."""
    return known_as(path) if os.path.isabs(path) else path
