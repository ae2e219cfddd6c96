"""The models on this machine: the base model that comes with Foretype, and personal models with their versions.

Needs no screen and no torch: it is an index over the cards (model.json) alone. A personal model is
`data/models/NAME/versions/0001/` and so on, each a checkpoint; `data/models/NAME/current` says which is in use.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import json
import os
import shlex
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from core.disk import replace_json
from core.errors import UserError
from core.jobs import BASE, check_folder_name, check_name
from core.library.unfinished import delete_run, no_training, rename_runs, runs_going_on_from
from core.locks import alone
from core.paths import data_folder, models_folder
from core.statistics.store import forget_statistics
from core.text import one_line

CARD: Final = "model.json"
MAX_CARD_BYTES: Final = 64 << 20
_LAST_VERSION: Final = 9999
_DELETED: Final = ".deleted-"
_ADOPTED: Final = ".adopted-"
CANDIDATE: Final = ".candidate-"
"""How a folder begins beside the versions in which a training makes one."""
_SAVING: Final = ".saving-"


@dataclass(frozen=True)
class ModelEntry:
    """A model as the library knows it."""

    name: str
    """What it is called."""
    folder: Path
    """The checkpoint in use, absolute."""
    version: int
    """The version in use, from 1."""
    versions: tuple[int, ...]
    """All versions, oldest first."""
    card: Mapping[str, Any] = field(hash=False)
    """What model.json of the version in use says; empty where it cannot be read."""


class Library:
    """All models on this machine. Every call looks at the disk: other processes add models too.

    Every method raises UserError where a name is unknown or the disk refuses.
    """

    def __init__(self) -> None:
        self._folder = models_folder()

    def entries(self) -> list[ModelEntry]:
        """The base model, where it is there, then personal models in the order of their names."""
        with _disk(str(self._folder)):
            names = sorted(entry.name for entry in self._folder.iterdir() if entry.is_dir())
        found = [_base_entry(), *(self._entry(name) for name in names)]
        return [entry for entry in found if entry is not None]

    def names(self) -> list[str]:
        """The names of all models, in the order of `entries`."""
        return [entry.name for entry in self.entries()]

    def find(self, name_or_path: str) -> ModelEntry:
        """The model of that name, or that version of one (NAME@VERSION), or else the checkpoint in that folder."""
        entry = _base_entry() if name_or_path == BASE else self._entry(name_or_path)
        entry = entry or self._at_version(name_or_path)
        if entry is None and name_or_path:
            entry = _folder_entry(name_or_path)
        if entry is None:
            raise UserError(self._unknown(name_or_path))
        return entry

    def next_version(self, name: str) -> Path:
        """The folder for a new version of `name`, which may be a new name; its parent folder is made, itself not."""
        check_folder_name(name)
        numbers = _versions(self._folder / name)
        number = max(numbers, default=0) + 1
        if number > _LAST_VERSION:
            raise UserError(f"{one_line(name)} has too many versions: train under another name")
        versions = self._folder / name / "versions"
        with _disk(name):
            (self._folder / name).mkdir(mode=0o700, exist_ok=True)
            versions.mkdir(mode=0o700, exist_ok=True)
        return versions / f"{number:04d}"

    def make_current(self, name: str, version: int) -> None:
        """Take a version of a personal model into use."""
        entry = self._personal(name)
        if version not in entry.versions:
            known = ", ".join(map(str, entry.versions))
            raise UserError(f"{one_line(name)} has no version {version}: there is {known}")
        with _disk(name):
            _write_current(self._folder / name, version)

    def history(self, name: str) -> list[ModelEntry]:
        """All versions of a model, oldest first, each as if it were the one in use."""
        entry = self.find(name)
        if len(entry.versions) == 1:
            return [entry]
        folders = [(number, entry.folder.with_name(f"{number:04d}")) for number in entry.versions]
        return [
            ModelEntry(entry.name, folder, number, entry.versions, _read_card(folder))
            for number, folder in folders
        ]

    def rollback(self, name: str) -> ModelEntry:
        """Take the version before the one in use into use; the newer one is kept."""
        entry = self._personal(name)
        earlier = [version for version in entry.versions if version < entry.version]
        if not earlier:
            raise UserError(
                f"{one_line(name)} has no version before {entry.version} to return to{_newer(entry)}"
            )
        self.make_current(name, earlier[-1])
        return self.find(name)

    def delete(self, name: str) -> None:
        """Delete a personal model, its versions, its unfinished training and its figures; nothing is left."""
        self._personal(name)
        with no_training(self._runs_with(name)):
            with _disk(name):
                _remove(self._folder / name)
            delete_run(name)
        forget_statistics(name)

    def prune(self, name: str, versions: Iterable[int]) -> None:
        """Delete versions of a personal model; the one in use stays."""
        entry = self._personal(name)
        for number in versions:
            if number == entry.version:
                raise UserError(
                    f"version {number} of {one_line(name)} is in use: take another into use first"
                )
            if number in entry.versions:
                with _disk(name):
                    _remove(_version_folder(self._folder / name, number))

    def adopt(self, folder: Path, name: str) -> ModelEntry:
        """Take a checkpoint's folder, which must be on the data folder's file system, as a new model's version 1."""
        check_name(name)
        self._check_free(name)
        with _disk(name):
            made = Path(tempfile.mkdtemp(prefix=_ADOPTED, dir=data_folder()))
            try:
                (made / "versions").mkdir(mode=0o700)
                folder.rename(made / "versions" / f"{1:04d}")
                _write_current(made, 1)
                made.rename(self._folder / name)
            finally:
                shutil.rmtree(made, ignore_errors=True)
        return self.find(name)

    def rename(self, name: str, new: str) -> None:
        """Call a personal model, and an unfinished training of it, by another name, which must be free."""
        self._personal(name)
        check_folder_name(new)
        self._check_free(new)
        check_name(new)
        folder = self._folder.absolute()
        with no_training({*self._runs_with(name), new}):
            with _disk(name):
                (self._folder / name).rename(self._folder / new)
                self._rename_parents(name, new)
            rename_runs(folder / name, folder / new)

    def _runs_with(self, name: str) -> set[str]:
        return {name, *runs_going_on_from(self._folder.absolute() / name)}

    def _rename_parents(self, name: str, new: str) -> None:
        """Have the cards of all that a model is the parent of, versions of its own too, know it by its new name."""
        for model in self._folder.iterdir():
            for number in _versions(model):
                folder = _version_folder(model, number)
                card = _read_card(folder)
                if card.get("parent") == name:
                    replace_json(folder / CARD, {**card, "parent": new})

    def sweep(self, name: str) -> None:
        """Delete what a training that was killed left beside a model's versions; none may be under way."""
        versions = self.folder_of(name) / "versions"
        with _disk(name):
            for left in [*versions.glob(f"{CANDIDATE}*"), *versions.glob(f"{_SAVING}*")]:
                shutil.rmtree(left)

    def folder_of(self, name: str) -> Path:
        """The folder of a personal model, above its versions."""
        self._personal(name)
        return self._folder / name

    def _check_free(self, name: str) -> None:
        if name == BASE or os.path.lexists(self._folder / name):
            raise UserError(
                f"there is a model called {one_line(name)} already: choose another name or delete it"
            )

    def _personal(self, name: str) -> ModelEntry:
        if name == BASE:
            raise UserError("the base model stays as it is: name a personal model")
        entry = self._entry(name)
        if entry is None:
            raise UserError(self._unknown(name))
        return entry

    def _entry(self, name: str) -> ModelEntry | None:
        """A personal model; None where there is none of that name."""
        try:
            check_folder_name(name)
        except UserError:
            return None
        numbers = _versions(self._folder / name)
        if not numbers:
            return None
        current = _read_current(self._folder / name)
        version = current if current in numbers else numbers[-1]
        folder = _version_folder(self._folder / name, version)
        return ModelEntry(name, folder, version, numbers, _read_card(folder))

    def _at_version(self, written: str) -> ModelEntry | None:
        """A version of a personal model, called NAME@VERSION; None where there is no model of that name."""
        name, mark, number = written.rpartition("@")
        entry = self._entry(name) if mark and number.isascii() and number.isdigit() else None
        if entry is None:
            return None
        version = int(number[:9])
        if version not in entry.versions:
            known = ", ".join(map(str, entry.versions))
            raise UserError(f"{one_line(name)} has no version {one_line(number)}: there is {known}")
        folder = _version_folder(self._folder / name, version)
        return ModelEntry(f"{name}@{version}", folder, version, entry.versions, _read_card(folder))

    def _unknown(self, name: str) -> str:
        if os.sep in name:
            return f"there is no model in {one_line(name)}: a model's folder has a file {CARD} in it"
        near = difflib.get_close_matches(name, self.names(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(map(one_line, near))}?" if near else "see `foretype models list`"
        return f"there is no model called {one_line(name)}: {hint}"


def changing_memory(name: str) -> contextlib.AbstractContextManager[None]:
    """Change what a model remembers while nobody else does; whoever does is waited for."""
    return alone(models_folder() / name / "versions")


def base_folder() -> Path | None:
    """The folder of the model that comes with Foretype; None where this copy has none."""
    found = importlib.util.find_spec("models")  # finds the package without importing it, and torch with it
    for place in (found.submodule_search_locations or ()) if found else ():
        if os.path.isfile((folder := Path(place) / "base") / CARD):
            return folder.absolute()
    return None


def _base_entry() -> ModelEntry | None:
    folder = base_folder()
    return ModelEntry(BASE, folder, 1, (1,), _read_card(folder)) if folder else None


def _folder_entry(path: str) -> ModelEntry | None:
    """A checkpoint outside the library, called by its folder's name."""
    try:
        folder = Path(path).expanduser().absolute()
        if not os.path.isfile(folder / CARD):
            return None
    except (OSError, ValueError, RuntimeError):
        return None
    return ModelEntry(folder.name, folder, 1, (1,), _read_card(folder))


def _newer(entry: ModelEntry) -> str:
    """What is there instead of an earlier version, and how to use it; nothing where that is nothing."""
    newer = [version for version in entry.versions if version > entry.version]
    if not newer:
        return ""
    what = f"{'are versions' if len(newer) > 1 else 'is version'} {', '.join(map(str, newer))}"
    how = f"foretype models use {shlex.quote(one_line(entry.name))} --version {newer[-1]}"
    return f"; newer {what}: {how}"


def size_of(folder: Path) -> int:
    """The bytes of the files in a version's folder."""
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    except OSError:
        return 0


def _remove(folder: Path) -> None:
    """Delete a folder; it is renamed first, so that whoever looks meanwhile finds all of it or none."""
    gone = Path(tempfile.mkdtemp(prefix=_DELETED, dir=data_folder()))
    folder.rename(gone / "model")
    for left in data_folder().glob(f"{_DELETED}*"):
        shutil.rmtree(left)


def _version_folder(model: Path, version: int) -> Path:
    return (model / "versions" / f"{version:04d}").absolute()


def _versions(model: Path) -> tuple[int, ...]:
    """The versions that have a card, oldest first."""
    try:
        names = [entry.name for entry in (model / "versions").iterdir()]
    except (OSError, ValueError):
        return ()
    numbers = [int(name) for name in names if len(name) == 4 and name.isascii() and name.isdigit()]
    return tuple(
        sorted(number for number in numbers if os.path.isfile(_version_folder(model, number) / CARD))
    )


def _read_current(model: Path) -> int | None:
    value = _read_object(model / "current", 1000).get("version")
    return value if isinstance(value, int) else None


def _write_current(model: Path, version: int) -> None:
    replace_json(model / "current", {"version": version})


def _read_card(folder: Path) -> Mapping[str, Any]:
    return _read_object(folder / CARD, MAX_CARD_BYTES)


def _read_object(file: Path, limit: int) -> dict[str, Any]:
    """A file's JSON object; empty where there is none that can be read."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return {}
            data = stream.read(limit + 1)
        value: object = json.loads(data.decode("utf-8")) if len(data) <= limit else None
    except (OSError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


@contextlib.contextmanager
def _disk(what: str) -> Generator[None]:
    """Have the disk's refusals said in one line that names the model."""
    try:
        yield
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"{one_line(what)} cannot be changed on disk: {why}") from error
