"""What a personal model may learn while one writes, and what it must never learn again. Needs no screen and no torch.

Learning is off until somebody turns it on for a model. When it is on, what is saved in the app is remembered at once,
and waits to be learnt by the weights, which takes minutes in which nothing else is done. All of it is in one file
beside the model's versions: it moves with the model and goes with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

from core.disk import refusal, replace_json
from core.errors import UserError
from core.library.library import Library, ModelEntry
from core.locks import alone
from core.paths import models_folder
from core.reading.ignore import Excluded
from core.settings import load_settings
from core.sources import kept_as, known_as

FILE: Final = "learning.json"
MAX_BYTES: Final = 16 << 20
ENOUGH: Final = 10_000
"""Characters saved since the last training that are worth another."""
IDLE_SECONDS: Final = 180.0
"""How long nobody must have typed before the weights learn."""
MINUTES: Final = 3.0
"""Budget of such a training."""


@dataclass(frozen=True)
class Learning:
    """How a model learns while one writes."""

    on: bool = False
    """Whether what is saved is learnt."""
    forgotten: tuple[str, ...] = ()
    """Files that it was made to forget, and that no folder brings back."""
    waiting: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    """Files that were saved and that the weights have not learnt, each with the characters that are new."""

    @property
    def enough(self) -> bool:
        """Whether so much waits that a training is worth it."""
        return sum(self.waiting.values()) >= ENOUGH


def learning_of(entry: ModelEntry) -> Learning:
    """How a model learns; what is not a name of a personal model, as a version or a folder, does not."""
    folder = models_folder().absolute() / entry.name
    if entry.folder.parent.parent != folder:
        return Learning()
    try:
        data = (folder / FILE).read_bytes()[:MAX_BYTES]
        value: object = json.loads(data.decode("utf-8", "surrogatepass"))
    except (OSError, ValueError, RecursionError):
        return Learning()
    values = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return Learning(values.get("on") is True, _paths(values.get("forgotten")), _counts(values.get("waiting")))


def _paths(value: object) -> tuple[str, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(dict.fromkeys(kept_as(item) for item in items if isinstance(item, str)))


def _counts(value: object) -> dict[str, int]:
    items = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    counts: dict[str, int] = {}
    for path, count in items.items():
        if type(count) is int:
            counts[kept_as(path)] = counts.get(kept_as(path), 0) + count
    return counts


def turn(name: str, *, on: bool) -> None:
    """Have a personal model learn from what is saved, or stop that; raises UserError."""
    _change(name, lambda learning: replace(learning, on=on, waiting=learning.waiting if on else {}))


def note_saved(name: str, path: str, characters: int) -> Learning:
    """Note that a file with so many new characters waits for the weights to learn it; raises UserError."""
    path = known_as(path)

    def add(learning: Learning) -> Learning:
        count = learning.waiting.get(path, 0) + max(0, characters)
        return replace(learning, waiting={**learning.waiting, path: count})

    return _change(name, add)


def note_learnt(name: str, learnt: Mapping[str, int]) -> None:
    """Note what the weights have learnt: of each file as many characters as waited when their training began.

    What was saved since then still waits. Raises UserError.
    """

    def subtract(learning: Learning) -> Learning:
        left = {path: count - learnt.get(path, 0) for path, count in learning.waiting.items()}
        still = {path: count for path, count in left.items() if count > 0 or path not in learnt}
        return replace(learning, waiting=still)

    _change(name, subtract)


def note_forgotten(name: str, path: str) -> None:
    """Note that a model must not learn a file again; raises UserError."""
    path = known_as(path)

    def drop(learning: Learning) -> Learning:
        waiting = {other: count for other, count in learning.waiting.items() if other != path}
        return replace(learning, forgotten=tuple({*learning.forgotten, path}), waiting=waiting)

    _change(name, drop)


def take_back(name: str, named: Iterable[str]) -> None:
    """Let a model learn again what it was made to forget, because a person names it outright; raises UserError.

    Only who asks for a training knows what a person named. The paths of a job do not say it: those of a training that
    begins by itself, or again, are taken from the model's card.
    """
    wanted = {known_as(path) for path in named}
    if wanted & set(forgotten_by(name)):
        _change(name, lambda old: replace(old, forgotten=tuple(set(old.forgotten) - wanted)))


def forgotten_by(name: str) -> tuple[str, ...]:
    """Return what a model was made to forget; a new one has forgotten nothing."""
    try:
        return _current(name).forgotten
    except UserError:
        return ()


def unwanted(learning: Learning) -> Excluded:
    """Return what a model must not learn: what the settings exclude, and what it was made to forget."""
    return Excluded(load_settings().settings.exclude, map(Path, learning.forgotten))


def _current(name: str) -> Learning:
    Library().folder_of(name)
    return learning_of(Library().find(name))


def _change(name: str, how: Callable[[Learning], Learning]) -> Learning:
    """Change how a model learns, while no other process does; returns how it is then."""
    file = Library().folder_of(name) / FILE
    with alone(file):
        changed = how(_current(name))
        _write(name, file.parent, changed)
    return changed


def _write(name: str, folder: Path, learning: Learning) -> None:
    values = {"on": learning.on, "forgotten": sorted(learning.forgotten), "waiting": dict(learning.waiting)}
    try:
        replace_json(folder / FILE, values)
    except OSError as error:
        raise refusal(error, f"how {name} learns is not kept", folder) from error
