"""Training runs that were interrupted and can go on, found without torch. Needs no screen."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.jobs import TrainingJob
from core.paths import training_folder
from core.sources import kept_as


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
            with contextlib.suppress(OSError, ValueError, UserError):
                job = TrainingJob.from_json(json.loads(file.read_text("utf-8", "surrogatepass")))
                saved = file.with_name("state.safetensors")
                dated.append(
                    ((saved if saved.exists() else file).stat().st_mtime, Unfinished(file.parent, job))
                )
    return [run for _, run in sorted(dated, key=lambda item: item[0], reverse=True)]


def forget(run: Unfinished) -> None:
    """Delete what an interrupted run keeps; what it made before stays in the library.

    Raises:
        UserError: when it cannot be deleted.
    """
    _delete(run.folder)


def forget_run(name: str) -> None:
    """Delete what an unfinished training of the model `name` keeps, if there is any; raises UserError."""
    _delete(training_folder() / name)


def forget_run_with(name: str, path: str) -> None:
    """Delete what an unfinished training of a model keeps, if a file is in it or nobody can tell; raises UserError."""
    folder = training_folder() / name
    try:
        prepared = json.loads((folder / "prepared.json").read_text("utf-8", "surrogatepass"))
        if not any(kept_as(source["path"]) == path for source in prepared["sources"]):
            return
    except (OSError, ValueError, TypeError, KeyError):
        pass
    _delete(folder)


def rename_run(name: str, new: str) -> None:
    """Have an unfinished training of the model `name`, if there is one, make the model `new`.

    Raises:
        UserError: when the disk refuses.
    """
    folder = training_folder() / name
    try:
        if not (folder / "job.json").is_file():
            return
        shutil.rmtree(folder.with_name(new), ignore_errors=True)  # of a model that is no more
        job = json.loads((folder / "job.json").read_text("utf-8", "surrogatepass"))
        job["name"] = new
        partial = folder / "job.json.partial"
        partial.write_text(json.dumps(job, ensure_ascii=False), "utf-8", "surrogatepass")
        partial.replace(folder / "job.json")
        folder.rename(folder.with_name(new))
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"the unfinished training of {name} cannot be renamed: {error}") from error


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(f"cannot delete {folder}: {error.strerror}") from error
