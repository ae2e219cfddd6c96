"""Training runs that were interrupted and can go on, and those under way, found without torch. Needs no screen."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core.disk import replace_json
from core.errors import UserError
from core.jobs import TrainingJob
from core.locks import alone
from core.paths import training_folder
from core.sources import kept_as
from core.text import one_line


@dataclass(frozen=True)
class Unfinished:
    """A training run that was interrupted."""

    folder: Path
    """Where it keeps what it needs to go on; its last part is the model's name."""
    job: TrainingJob
    """What it was told to train."""


def unfinished_runs() -> list[Unfinished]:
    """Return the interrupted runs, the one that was saved last first; one that cannot be read is left out."""
    dated: list[tuple[float, Unfinished]] = []
    with contextlib.suppress(OSError):
        for file in training_folder().glob("*/job.json"):
            with contextlib.suppress(OSError, ValueError, TypeError, UserError):
                job = TrainingJob.from_json(_read(file))
                saved = file.with_name("state.safetensors")
                dated.append(
                    ((saved if saved.exists() else file).stat().st_mtime, Unfinished(file.parent, job))
                )
    return [run for _, run in sorted(dated, key=lambda item: item[0], reverse=True)]


def no_training(names: Iterable[str]) -> contextlib.ExitStack:
    """Have no training of models of these names begin or go on meanwhile.

    Raises:
        UserError: when one is under way.
    """
    with contextlib.ExitStack() as stack:
        for name in sorted(set(names)):
            busy = f"a training of {one_line(name)} is under way"
            stack.enter_context(alone(training_folder() / name, busy))
        return stack.pop_all()


def forget(run: Unfinished) -> None:
    """Delete what an interrupted run keeps; what it made before stays in the library.

    Raises:
        UserError: when it is under way after all, or cannot be deleted.
    """
    forget_run(run.folder.name)


def forget_run(name: str) -> None:
    """Delete what an unfinished training of the model `name` keeps, if there is any.

    Raises:
        UserError: when it is under way, or cannot be deleted.
    """
    with no_training([name]):
        delete_run(name)


def delete_run(name: str) -> None:
    """Delete what an unfinished training keeps that is not under way: `no_training` says so; raises UserError."""
    _delete(training_folder() / name)


def delete_run_with(name: str, path: str) -> None:
    """Delete what an unfinished training of a model keeps, if a file is in it or nobody can tell; raises UserError.

    It must not be under way: `no_training` says so.
    """
    folder = training_folder() / name
    try:
        prepared = _read(folder / "prepared.json")
        if not any(kept_as(source["path"]) == path for source in prepared["sources"]):
            return
    except (OSError, ValueError, TypeError, KeyError):
        pass
    _delete(folder)


def rename_runs(model: Path, new: Path) -> None:
    """Have unfinished trainings know a model that was renamed: one of it makes `new`, others go on from there.

    Args:
        model: the folder that the model had in the library; its name is the model's.
        new: the one that it has.

    Raises:
        UserError: when the disk refuses.
    """
    runs = training_folder()
    try:
        if (runs / model.name / "job.json").is_file():
            shutil.rmtree(runs / new.name, ignore_errors=True)  # of a model that is no more
            (runs / model.name).rename(runs / new.name)
        for folder in sorted(file.parent for file in runs.glob("*/job.json")):
            # A run that cannot be read cannot go on by any name.
            with contextlib.suppress(FileNotFoundError, ValueError, TypeError, KeyError):
                _rename_in(folder, model, new)
    except OSError as error:
        raise UserError(f"an unfinished training with {model.name} cannot be changed: {error}") from error


def runs_going_on_from(model: Path) -> list[str]:
    """The names of the unfinished trainings that go on from a version in a model's folder."""
    found: list[str] = []
    for file in training_folder().glob("*/prepared.json"):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            parent = _read(file)["parent_folder"]
            if isinstance(parent, str) and Path(parent).is_relative_to(model):
                found.append(file.parent.name)
    return found


def _rename_in(run: Path, model: Path, new: Path) -> None:
    """Put a model's new name and folder into what a run keeps, where it has the old."""
    job = _read(run / "job.json")
    renamed = {**job, "name": run.name, "parent": _renamed(job.get("parent"), model.name, new.name)}
    if renamed != job:
        replace_json(run / "job.json", renamed)
    facts = _read(run / "prepared.json")
    parent = facts["parent_folder"]
    if isinstance(parent, str) and Path(parent).is_relative_to(model):
        place = {"parent": new.name, "parent_folder": str(new / Path(parent).relative_to(model))}
        replace_json(run / "prepared.json", {**facts, **place})


def _renamed(parent: object, name: str, new: str) -> object:
    """Return what a job starts from, NAME or NAME@VERSION, by the new name."""
    called, mark, version = str(parent).rpartition("@")
    if called == name and version.isdigit():
        return f"{new}{mark}{version}"
    return new if parent == name else parent


def _read(file: Path) -> dict[str, Any]:
    value: object = json.loads(file.read_text("utf-8", "surrogatepass"))
    if not isinstance(value, dict):
        raise TypeError(f"{file} holds no JSON object")
    return cast("dict[str, Any]", value)


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"cannot delete {folder}: {error.strerror}") from error
