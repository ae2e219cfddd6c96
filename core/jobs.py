"""What to train: one frozen, validated description that the app, the command line and the trainer share.

Needs no screen and no torch; it travels to the trainer process as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, cast

from core.errors import UserError
from core.text import strip_controls

LEVELS: Final = ("subword", "char", "word")
CELLS: Final = ("lstm", "gru", "rnn")
BASE: Final = "base"
RESERVED_NAMES: Final = (BASE, "nothing")

Json = dict[str, object]


def check_name(name: str) -> None:
    """Raise a UserError where `name` is none to give to a model: it must also be easy to type and to show."""
    check_folder_name(name)
    if strip_controls(name) != name or "\n" in name or "\t" in name:
        raise UserError(f"{name!r} cannot be a model's name: leave out line ends and control characters")
    if name.startswith("-"):
        raise UserError(
            f"{name} cannot be a model's name: commands would take it for an option, leave out the dash"
        )


def check_folder_name(name: str) -> None:
    """Raise a UserError where `name` cannot be that of a model's folder, however it came there."""
    if not name.strip():
        raise UserError("the model has no name: give it one, for example mine")
    if name in RESERVED_NAMES:
        raise UserError(f"{name} is a reserved name: choose another name for the model")
    if name in (".", ".."):
        raise UserError(
            f"{name!r} cannot be a model's name, it stands for a folder: choose another, for example mine"
        )
    if any(character in name for character in "/\\\0"):
        raise UserError(f"{name!r} cannot be a model's name: leave out slashes and backslashes")
    if len(name.encode("utf-8", "surrogatepass")) > 200:
        raise UserError("the model's name is too long: use at most 200 bytes")


def name_after(path: Path) -> str:
    """Return a model's name that a file or folder suggests, without what a name cannot have."""
    name = path.stem if path.is_file() else path.name
    return (
        " ".join(strip_controls(name.replace("\\", " ").replace("\n", " ")).split()).lstrip("-. ") or "mine"
    )


@dataclass(frozen=True)
class TrainingJob:
    """A training run, from its sources to its name in the library. Raises UserError for senseless values."""

    paths: tuple[str, ...]
    """Files and folders to read, at least one."""
    name: str
    """The personal model that the run makes, or adds a version to."""
    parent: str | None = BASE
    """The model whose weights it starts from; None starts from nothing."""
    level: str = "subword"
    """Tokens: "subword", "char" or "word". A parent's level wins."""
    cell: str = "lstm"
    """Recurrent cell: "lstm", "gru" or "rnn". A parent's cell wins, as its sizes do."""
    layers: int = 2
    """Recurrent layers."""
    residual: int = 0
    """How many of them, from the top down, add what they make to what they read: fewer than `layers`."""
    hidden: int | None = None
    """Units in a layer; None means what suits the text (core.training.recipe), as with the other four fields that
    may be None."""
    embedding: int | None = None
    """Units of a token's embedding; None means as many as `hidden`."""
    dropout: float | None = None
    """Share of units dropped between layers while training, 0 to below 1."""
    vocabulary: int = 8192
    """The most tokens that the tokenizer may have, the 257 that every tokenizer has included."""
    memory: int = 0
    """N-grams of the text to keep beside a network that is trained from nothing; 0 keeps none. A parent's memory
    goes with its child."""
    minutes: float | None = None
    """Budget of wall-clock minutes; 0 leaves the parent's network as it is and gives it a memory of the text.
    With `epochs` too, whichever ends first."""
    epochs: float | None = None
    """Budget of passes over the text."""
    seed: int = 0
    """Seed of everything random."""
    streams: int | None = None
    """Parallel streams that the text is cut into: the batch, of each process where several train together. A short
    text gets fewer."""
    window: int | None = None
    """Tokens of a stream between two updates: the reach of truncated back-propagation."""
    learning_rate: float | None = None
    """Peak of the learning rate, above 0 and at most 1."""
    cycles: int = 1
    """How often the learning rate rises and decays within the budget, each time to a lower peak."""
    held_out: str | None = None
    """A file to measure on; None splits a part off the text that is read."""
    exclude: tuple[str, ...] = ()
    """Files and folders that are not read, wherever they are found: what the model is to forget."""
    threads: int | None = None
    """Threads for torch; None means half of the cores."""

    def __post_init__(self) -> None:
        """Validate every field."""
        object.__setattr__(self, "paths", tuple(self.paths))  # a caller's list would make it unhashable
        object.__setattr__(self, "exclude", tuple(self.exclude))
        if not self.paths:
            raise UserError("nothing to learn from: choose at least one file or folder")
        if not all(self.paths):
            raise UserError("a path to learn from is empty: name a file or a folder")
        check_name(self.name)
        if self.parent is not None and not self.parent:
            raise UserError("the model to start from has no name: say base, a personal model or nothing")
        self._check_choices()
        self._check_numbers()
        self._check_budget()

    def _check_choices(self) -> None:
        for what, value, choices in (("level", self.level, LEVELS), ("cell", self.cell, CELLS)):
            if value not in choices:
                raise UserError(f"{value!r} is not a {what}: use {', '.join(choices[:-1])} or {choices[-1]}")

    def _check_numbers(self) -> None:
        _whole("layers", self.layers, 1, 16)
        _whole("residual", self.residual, 0, self.layers - 1)
        _whole_or_none("hidden", self.hidden, 1, 8192)
        _whole_or_none("embedding", self.embedding, 1, 8192)
        _whole("vocabulary", self.vocabulary, 257, 200_000)
        _whole("cycles", self.cycles, 1, 100)
        _whole("memory", self.memory, 0, 50_000_000)
        _whole("seed", self.seed, 0, 2**63 - 1)
        _whole_or_none("streams", self.streams, 1, 4096)
        _whole_or_none("window", self.window, 1, 4096)
        _whole_or_none("threads", self.threads, 1, 1024)
        if self.dropout is not None and (not _finite(self.dropout) or not 0 <= self.dropout < 1):
            raise UserError(f"dropout is {self.dropout}: use a number from 0 to below 1")
        rate = self.learning_rate
        if rate is not None and (not _finite(rate) or not 0 < rate <= 1):
            raise UserError(f"learning rate is {rate}: use a number above 0 and at most 1")

    def _check_budget(self) -> None:
        if self.minutes is None and self.epochs is None:
            raise UserError("no time to train: say how many minutes or epochs")
        least = "a number from 0" if self.parent is not None else "a number above 0"
        if self.minutes is not None and (not _finite(self.minutes) or not 0 <= self.minutes <= 10_080):
            raise UserError(f"minutes is {self.minutes}: use {least} and at most 10080 (a week)")
        if self.minutes == 0 and self.parent is None:
            raise UserError("a model from nothing needs time to train: say how many minutes")
        if self.epochs is not None and (not _finite(self.epochs) or not 0 < self.epochs <= 10_000):
            raise UserError(f"epochs is {self.epochs}: use a number above 0 and at most 10000")

    @property
    def memory_only(self) -> bool:
        """Whether the parent's network stays as it is and only gets a memory of the text."""
        return self.minutes == 0

    def as_json(self) -> Json:
        """Return the job as plain JSON values."""
        return {**asdict(self), "paths": list(self.paths), "exclude": list(self.exclude)}

    @classmethod
    def from_json(cls, data: object) -> TrainingJob:
        """Make a job of what `as_json` gave; missing fields take their defaults. Raises UserError."""
        if not isinstance(data, Mapping):
            raise UserError("a training job must be a JSON object")
        values = dict(cast("Mapping[str, object]", data))
        kinds = {field.name: str(field.type) for field in fields(cls)}
        unknown = sorted(set(values) - set(kinds))
        if unknown:
            raise UserError(f"a training job has no field {unknown[0]!r}: remove it")
        for required in ("paths", "name"):
            if required not in values:
                raise UserError(f"the training job lacks {required}: add it")
        for key, value in values.items():
            if not _fits(kinds[key], value):
                raise UserError(f"the training job's {key} is {value!r}: expected {_expected(kinds[key])}")
        for key in ("paths", "exclude"):
            values[key] = tuple(cast("list[str]", values.get(key, ())))
        return cls(**values)  # pyright: ignore[reportArgumentType]  (each value was checked against its field)


def _finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _whole(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UserError(f"{name} is {value}: use a whole number from {low} to {high}")


def _whole_or_none(name: str, value: object, low: int, high: int) -> None:
    if value is not None:
        _whole(name, value, low, high)


def _fits(kind: str, value: object) -> bool:
    """Say whether a JSON value may stand in a field annotated `kind`."""
    if value is None:
        return "None" in kind
    if kind.startswith("tuple"):
        return isinstance(value, (list, tuple)) and all(
            isinstance(item, str) for item in cast("list[object]", value)
        )
    if isinstance(value, bool):
        return False
    if kind.startswith("float"):
        return isinstance(value, (int, float))
    return isinstance(value, int if kind.startswith("int") else str)


def _expected(kind: str) -> str:
    words = {"tuple": "a list of strings", "float": "a number", "int": "a whole number", "str": "a string"}
    expected = next(word for start, word in words.items() if kind.startswith(start))
    return f"{expected} or null" if "None" in kind else expected
