"""What a model and those that it descends from have learnt, and remember; how to train it again without a file.

Needs no screen and no torch: cards are read, and of a memory only what it says of its documents.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from core.errors import UserError
from core.jobs import BASE, TrainingJob
from core.library.learning import learning_of, unwanted
from core.library.library import Library, ModelEntry
from core.sources import kept_as, known_as
from core.text import one_line

DEPTH: Final = 100
"""Generations that are looked at: cards that name each other in a circle come to an end."""
RETRAIN_MINUTES: Final = 10.0
"""Budget of a training again where the card does not say how long the first one was given."""
MEMORY_FILE: Final = "personal.safetensors"
_MOST_HEADER: Final = 64 << 20


def learnt_by(entry: ModelEntry) -> list[dict[str, Any]]:
    """The files that a model's card says it learnt or held out, each with path, characters, sha256 and modified."""
    sources: object = entry.card.get("trained_on")
    found = cast("list[object]", sources) if isinstance(sources, list) else []
    named = [dict(cast("Mapping[str, Any]", source)) for source in found if isinstance(source, Mapping)]
    return [
        {**source, "path": kept_as(source["path"])} for source in named if isinstance(source.get("path"), str)
    ]


def told(entry: ModelEntry) -> list[str]:
    """The files and folders that a model's card says it was told to learn, each once."""
    paths: object = entry.card.get("paths")
    items = cast("list[object]", paths) if isinstance(paths, list) else []
    return list(dict.fromkeys(kept_as(item) for item in items if isinstance(item, str)))


def to_learn(entry: ModelEntry, more: Iterable[str] = ()) -> list[str]:
    """What there is for a training that nobody names files for: what a model was told before, and more.

    What it was made to forget is not in it, nor what the settings exclude, nor what is gone.
    """
    never = unwanted(learning_of(entry))
    paths = dict.fromkeys([*told(entry), *more])
    return [path for path in paths if Path(path).exists() and Path(path) not in never]


def remembered_by(entry: ModelEntry) -> dict[str, str]:
    """The files whose text a version remembers, with their hashes; none where its memory cannot be read."""
    try:
        handle = os.open(entry.folder / MEMORY_FILE, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return {}
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(min(length, _MOST_HEADER)))
        documents = json.loads(header["__metadata__"]["documents"])
        return {kept_as(document["path"]): str(document["sha256"]) for document in documents}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}


def known_files(entry: ModelEntry) -> list[str]:
    """The files that any version of a model learnt or remembers, or that wait for it to learn them, in order."""
    known = set(learning_of(entry).waiting)
    for version in Library().history(entry.name):
        known.update(source["path"] for source in learnt_by(version))
        known.update(remembered_by(version))
    return sorted(known)


def source_path(entry: ModelEntry, file: str) -> str:
    """The whole path of a file that a model knows and a person names by its path or by its name alone.

    Raises:
        UserError: when no version knows such a file, or several of that name.
    """
    wanted = known_as(file)
    known = known_files(entry)
    if wanted in known:
        return wanted
    named = [path for path in known if os.path.basename(path) == file]
    if len(named) > 1:
        raise UserError(
            f"{one_line(entry.name)} learnt several files called {one_line(file)}: say which path"
        )
    if not named:
        raise UserError(
            f"{one_line(entry.name)} has learnt nothing of {one_line(file)}: see `foretype models show`"
        )
    return named[0]


def weights_know(entry: ModelEntry, path: str) -> bool:
    """Whether a version's network was trained on a file, or may have been."""
    return path in in_weights(entry)


def in_weights(entry: ModelEntry) -> set[str]:
    """The files that a version's network, or one that it goes on from, was trained on, or may have been."""
    return {
        source["path"]
        for source in learnt_by(entry)
        if source.get("parent_learnt") or (not source.get("held_out") and source.get("weights") is not False)
    }


@dataclass(frozen=True)
class Again:
    """A training that makes a model anew without what it is to forget."""

    job: TrainingJob
    stained: tuple[int, ...]
    """Versions whose weights know the file; they are to go when the new one is there."""


def without(name: str, path: str) -> Again:
    """What it takes to have a personal model's weights forget a file: training again from the nearest clean ancestor.

    Raises:
        UserError: when the files that it is to be trained on are gone.
    """
    entry = Library().find(name)
    stained = tuple(version.version for version in Library().history(name) if weights_know(version, path))
    paths = [other for other in to_learn(entry) if other != path]
    if not paths:
        raise UserError(
            f"{one_line(name)} cannot be trained again: nothing else that it was trained on is there any more"
        )
    parent = _clean_ancestor(entry, path)
    given: object = entry.card.get("job")
    values = dict(cast("Mapping[str, Any]", given)) if isinstance(given, Mapping) else {}
    values |= {"paths": paths, "name": name, "parent": parent, "exclude": [path]}
    if not values.get("minutes") and not values.get("epochs"):
        values["minutes"] = RETRAIN_MINUTES
    return Again(TrainingJob.from_json(values), stained)


def _clean_ancestor(entry: ModelEntry, path: str) -> str | None:
    """The model to start from: the nearest ancestor that never learnt the file; None is nothing."""
    for _ in range(DEPTH):
        parent: object = entry.card.get("parent")
        if parent is None:
            return None
        if not isinstance(parent, str) or parent == BASE:
            return BASE
        number: object = entry.card.get("parent_version")
        try:
            versions = {version.version: version for version in Library().history(parent)}
        except UserError:
            return BASE
        found = versions.get(number) if isinstance(number, int) else None
        if found is None:
            return BASE
        if not any(source["path"] == path for source in learnt_by(found)):
            return f"{parent}@{found.version}"
        entry = found
    return BASE
