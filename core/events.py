"""What a training run reports while it works: small frozen events that travel from the trainer as JSON.

Needs no screen and no torch. Numbers that are not finite (a run that diverges) travel as null, because JSON
has no NaN, and arrive as NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, cast

from core.errors import UserError

Json = dict[str, object]


@dataclass(frozen=True)
class Reading:
    """Sources are being read."""

    files: int
    """Files read so far."""
    characters: int
    """Characters read so far."""


@dataclass(frozen=True)
class CorpusRead:
    """All sources were read, and the text is split and tokenized."""

    files: int
    """Files that are learnt from."""
    left_out: tuple[tuple[str, str], ...]
    """(path, reason) of the first files that are not."""
    characters: int
    """Characters learnt from."""
    held_out_characters: int
    """Characters only measured on."""
    tokens: int
    """Tokens learnt from."""
    left_out_count: int = 0
    """How many files are not learnt from, those that are not named included."""
    reasons: tuple[tuple[str, str], ...] = ()
    """(reason, how many files and the first names) of what is left out."""
    kinds: tuple[tuple[str, str], ...] = ()
    """(kind of file, how many files and characters) of what is learnt from."""
    remarks: tuple[tuple[str, str], ...] = ()
    """(path, what is to be said) of files that are learnt from in part."""
    secrets: int = 0
    """Lines left out because a password, key or the like stands in them."""
    repeated: int = 0
    """Characters left out because they had been read before."""
    held_out_how: str = ""
    """How the held-out text was chosen, in words."""


@dataclass(frozen=True)
class Step:
    """Some updates were made."""

    step: int
    """Updates so far."""
    fraction: float
    """Share of the budget that is spent, 0 to 1."""
    loss: float
    """Mean training loss since the last such event, nats a token."""
    bits_per_character: float
    """The same in bits per character."""
    learning_rate: float
    """Learning rate of the last update."""
    tokens_per_second: float
    """Training speed."""
    seconds_left: float
    """Estimated seconds to the end of the budget."""


@dataclass(frozen=True)
class HeldOut:
    """The held-out text was measured."""

    step: int
    """Updates so far."""
    loss: float
    """Mean loss on held-out text, nats a token."""
    bits_per_character: float
    """The same in bits per character."""
    best: bool
    """Whether it is the best of this run so far."""


@dataclass(frozen=True)
class Sample:
    """What the network writes at this point, from the run's fixed prompt."""

    step: int
    """Updates so far."""
    temperature: float
    """Temperature it was sampled at."""
    text: str
    """The text, as the model says it: strip control characters before showing it."""


@dataclass(frozen=True)
class Saved:
    """A checkpoint is safe on disk."""

    folder: str
    """The checkpoint's folder."""
    step: int
    """Updates it has seen."""


@dataclass(frozen=True)
class Proving:
    """The held-out text is being typed, with the model before and the one after, to see what the training brought."""

    fraction: float
    """How far that is, 0 to 1."""


@dataclass(frozen=True)
class Paused:
    """The run stands still until it is told to go on."""


@dataclass(frozen=True)
class Resumed:
    """The run goes on."""


@dataclass(frozen=True)
class Finished:
    """The run is over and its best weights are in the library."""

    name: str
    """The model's name."""
    folder: str
    """The checkpoint's folder."""
    bits_per_character: float
    """Bits per character on the held-out text."""
    bits_per_character_before: float | None
    """The parent's bits per character on the same text; None from nothing."""
    minutes: float
    """Minutes it took."""
    stopped: bool
    """Whether it was stopped before its budget was spent."""
    became_current: bool
    """Whether it is now the version that its name stands for."""
    keys_saved: float | None = None
    """Share of keys that it saves on the held-out text; None where nothing could be typed."""
    keys_saved_before: float | None = None
    """The same of the parent; None from nothing."""
    keys_low: float | None = None
    """Lower end of the 95 % interval of the difference of these."""
    keys_high: float | None = None
    """Its upper end."""
    typed_characters: int = 0
    """Characters that were typed to find out."""
    better_version: int | None = None
    """The version of this model that predicts the same text better, and so stays in use."""


TrainingEvent = Reading | CorpusRead | Step | HeldOut | Sample | Saved | Proving | Paused | Resumed | Finished

_KINDS: Final[dict[str, type[TrainingEvent]]] = {
    "reading": Reading,
    "corpus_read": CorpusRead,
    "step": Step,
    "held_out": HeldOut,
    "sample": Sample,
    "saved": Saved,
    "proving": Proving,
    "paused": Paused,
    "resumed": Resumed,
    "finished": Finished,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def as_json(event: TrainingEvent) -> Json:
    """Return an event as plain JSON values, its kind under "event"."""
    values: Json = {"event": _NAMES[type(event)]}
    for key, value in asdict(event).items():
        values[key] = _plain(value)
    return values


def event_from_json(data: object) -> TrainingEvent:
    """Make an event of what `as_json` gave. Raises UserError where it is none."""
    if not isinstance(data, Mapping):
        raise UserError("a training event must be a JSON object")
    values = dict(cast("Mapping[str, object]", data))
    name = values.pop("event", None)
    if not isinstance(name, str) or name not in _KINDS:
        raise UserError(f"{name!r} is not a training event: trainer and app are of different versions")
    kind = _KINDS[name]
    wanted = {field.name: str(field.type) for field in fields(kind)}
    if set(values) != set(wanted):
        raise UserError(f"the training event {name} has fields {sorted(values)}: expected {sorted(wanted)}")
    parsed = {key: _parse(name, key, wanted[key], value) for key, value in values.items()}
    return kind(**parsed)  # pyright: ignore[reportArgumentType]  (each value was checked against its field)


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    return value


def _parse(event: str, key: str, kind: str, value: object) -> object:
    """Return a JSON value as the field annotated `kind` wants it."""
    if kind.startswith("tuple"):
        return _pairs(event, key, value)
    if kind.startswith("float"):
        if value is None:
            return None if "None" in kind else math.nan
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    elif kind == "bool":
        if isinstance(value, bool):
            return value
    elif kind.startswith("int"):
        if value is None and "None" in kind:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    elif isinstance(value, str):
        return value
    raise UserError(f"the training event {event} has {value!r} as its {key}: expected {kind}")


def _pairs(event: str, key: str, value: object) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for item in cast("list[object]", value) if isinstance(value, list) else [None]:
        pair = cast("list[object]", item) if isinstance(item, (list, tuple)) else []
        if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise UserError(f"the training event {event} has {value!r} as its {key}: expected pairs of text")
        pairs.append((str(pair[0]), str(pair[1])))
    return tuple(pairs)
