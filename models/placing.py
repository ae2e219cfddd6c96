"""Putting a checkpoint's folder in its place: written beside it, then renamed, so that it is whole or not there."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from safetensors import SafetensorError

from models.errors import ModelError
from models.folder import CARD, TOKENIZER, WEIGHTS, shown

MEMORY: Final = "memory.safetensors"
GATE: Final = "gate.json"
PERSONAL: Final = "personal.safetensors"
FILES: Final = frozenset({WEIGHTS, TOKENIZER, CARD})
MIXTURE_FILES: Final = frozenset({MEMORY, GATE})
"""Files of models that have a memory."""
OPTIONAL_FILES: Final = MIXTURE_FILES | {PERSONAL}
"""Files that a checkpoint need not have."""
DEBRIS_SECONDS: Final = 3600.0
"""Age at which what a killed process left half-written is removed."""


def link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where that cannot be or its rights are not its owner's alone."""
    with contextlib.suppress(OSError):
        if stat.S_IMODE(source.stat().st_mode) == 0o600:  # the same file has the same rights
            os.link(source, target)
            return
    shutil.copyfile(source, target)
    finish(target)


@contextlib.contextmanager
def replacing(folder: Path) -> Generator[Path]:
    """Give a folder to write a checkpoint to that takes the place of `folder` at the end, or leaves it as it was."""
    partial: Path | None = None
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_debris(folder.parent)
        _check_replaceable(folder)
        # A sibling: the same file system.
        partial = Path(tempfile.mkdtemp(prefix=".saving-", dir=folder.parent))
        yield partial
        sync(partial)
        _put_in_place(partial, folder)
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(f"cannot save {shown(folder)}: {reason(error)}") from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def reason(error: BaseException) -> str:
    """Return why something failed, on one line."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return shown(words or type(error).__name__)[:300]


def _check_replaceable(folder: Path) -> None:
    """Refuse to replace anything but a checkpoint."""
    restore_replaced(folder)
    if not folder.is_symlink() and not folder.exists():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise ValueError("something that is not a model is in the way; choose another name")
    if foreign := sorted({entry.name for entry in folder.iterdir()} - FILES - OPTIONAL_FILES):
        raise ValueError(f"the folder holds what is not a model's ({foreign[0]!r}); choose another name")


def _put_in_place(partial: Path, folder: Path) -> None:
    """Rename the finished folder to its place; an old one steps aside, as none can be renamed over."""
    aside = _aside(folder)
    replaced = folder.exists()
    if replaced:
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    try:
        partial.rename(folder)
    except OSError:
        if replaced:
            aside.rename(folder)
        raise
    sync(folder.parent)
    if replaced:
        shutil.rmtree(aside, ignore_errors=True)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".replaced-{folder.name}")


def restore_replaced(folder: Path) -> None:
    """Bring back the old checkpoint where a process was killed between the renames of `_put_in_place`."""
    if not folder.exists() and _aside(folder).is_dir():
        _aside(folder).rename(folder)


def _remove_debris(parent: Path) -> None:
    for left in parent.glob(".saving-*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > DEBRIS_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def finish(file: Path) -> None:
    """Make a file that a library wrote its owner's alone, and flush it to the disk."""
    file.chmod(0o600)
    sync(file)


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
