"""What a model and those that it descends from have learnt, by their cards; how to train it again without a file.

Needs no screen and no torch.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from core.errors import UserError
from core.jobs import BASE, TrainingJob
from core.library.library import Library, ModelEntry
from core.text import one_line

DEPTH: Final = 100
"""Generations that are looked at: cards that name each other in a circle come to an end."""
RETRAIN_MINUTES: Final = 10.0
"""Budget of a training again where the card does not say how long the first one was given."""


def learnt_by(entry: ModelEntry) -> list[dict[str, Any]]:
    """The files that a model's card says it learnt or held out, each with path, characters, sha256 and modified."""
    sources: object = entry.card.get("trained_on")
    found = cast("list[object]", sources) if isinstance(sources, list) else []
    return [
        dict(cast("Mapping[str, Any]", source))
        for source in found
        if isinstance(source, Mapping) and isinstance(cast("Mapping[str, Any]", source).get("path"), str)
    ]


def source_path(entry: ModelEntry, file: str) -> str:
    """The path, as a model's cards have it, of a file that a person names by its path or by its name alone.

    Raises:
        UserError: when no version was trained on such a file, or on several of that name.
    """
    wanted = os.path.abspath(os.path.expanduser(file))
    known = [source["path"] for version in Library().history(entry.name) for source in learnt_by(version)]
    if wanted in known:
        return wanted
    named = sorted({path for path in known if os.path.basename(path) == file})
    if len(named) > 1:
        raise UserError(
            f"{one_line(entry.name)} learnt several files called {one_line(file)}: say which path"
        )
    if not named:
        raise UserError(
            f"{one_line(entry.name)} was not trained on {one_line(file)}: see `foretype models show`"
        )
    return str(named[0])


def weights_know(entry: ModelEntry, path: str) -> bool:
    """Whether a version's network was trained on a file, or may have been."""
    for source in learnt_by(entry):
        if source["path"] == path and not source.get("held_out"):
            return source.get("weights") is not False
    return False


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
    kept: object = entry.card.get("paths")
    told = (
        [item for item in cast("list[object]", kept) if isinstance(item, str)]
        if isinstance(kept, list)
        else []
    )
    paths = [item for item in told if item != path and Path(item).exists()]
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
