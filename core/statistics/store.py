"""The figures of what ghosts saved, by day and by model, kept as numbers in the state folder.

Needs no screen and no torch. Several Foretypes may write at the same time: each adds what it counted to what is there,
under a lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Generator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

from core import paths
from core.errors import UserError
from core.statistics.counting import Counts

MAX_BYTES: Final = 32 << 20
DAYS_KEPT: Final = 3660
"""Older days are dropped."""

Days = dict[str, dict[str, Counts]]
"""Counts by day (2026-11-25) and, in a day, by model."""


def load_statistics() -> Days:
    """Return all that was counted, the oldest day first; empty where there is nothing.

    Raises:
        UserError: when the file cannot be read, or is no file of ours.
    """
    file = _file()
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        value: object = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is damaged: `foretype stats --reset` begins anew") from error
    days = cast("Mapping[str, object]", value).get("days") if isinstance(value, dict) else None
    return _days(days)


def add_statistics(parts: Mapping[tuple[str, str], Counts]) -> None:
    """Add what was counted, by (day, model), to what is kept.

    Raises:
        UserError: when the file cannot be read or written; what was kept is as it was.
    """
    if not parts:
        return
    with _locked():
        days = load_statistics()
        for (day, model), counts in parts.items():
            days.setdefault(day, {}).setdefault(model, Counts()).add(counts)
        kept = dict(sorted(days.items())[-DAYS_KEPT:])
        _write({"format": 1, "days": {day: _as_json(models) for day, models in kept.items()}})


def forget_statistics(model: str | None = None) -> None:
    """Forget the figures of a model, or all."""
    with _locked():
        if model is None:
            with contextlib.suppress(FileNotFoundError):
                _file().unlink()
            return
        days = load_statistics()
        if any(model in models for models in days.values()):
            left = {
                day: {key: item for key, item in models.items() if key != model}
                for day, models in days.items()
            }
            _write({"format": 1, "days": {day: _as_json(models) for day, models in left.items() if models}})


def summed(days: Days, *, day: str | None = None, model: str | None = None) -> Counts:
    """Return the counts of all days and models, or of one of them."""
    counts = Counts()
    for at, models in days.items():
        for name, item in models.items():
            if day in (None, at) and model in (None, name):
                counts.add(item)
    return counts


def _file() -> Path:
    return paths.state_folder() / "statistics.json"


def _days(value: object) -> Days:
    days: Days = {}
    if not isinstance(value, dict):
        return days
    for day, models in sorted(cast("Mapping[str, object]", value).items()):
        if _is_day(day) and isinstance(models, dict):
            named = cast("Mapping[str, object]", models)
            days[day] = {name: Counts.from_json(item) for name, item in named.items()}
    return days


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _as_json(models: Mapping[str, Counts]) -> dict[str, Any]:
    return {name: counts.as_json() for name, counts in models.items()}


@contextlib.contextmanager
def _locked() -> Generator[None]:
    lock = _file().with_suffix(".lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
    except OSError as error:
        raise UserError(f"the statistics cannot be kept in {lock.parent}: {error.strerror}") from error


def _write(value: Mapping[str, Any]) -> None:
    file = _file()
    handle, partial = tempfile.mkstemp(prefix=".statistics-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(value, stream, separators=(",", ":"))
        os.replace(partial, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise
