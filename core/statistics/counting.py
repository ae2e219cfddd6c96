"""What writing with ghosts saved, counted key by key. Needs no screen and no torch.

Keys and characters alone are counted, never text. A key that moves or deletes writes nothing and does not count, as
for the typist of core.prediction.scoring; what was taken and deleted again in the same paragraph was no help and is
not counted as saved.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, cast

from core.protocol import Position

STEPS_AN_OCTAVE = 4
"""Latencies are counted in bins whose bounds are 2 ** (1 / 4) apart: a median is right to a tenth."""
SLOWEST = 60_000.0
"""Milliseconds; an answer that took longer counts as this."""


@dataclass
class Counts:
    """What was counted of some time with some model."""

    typed: int = 0
    """Keys that typed a character."""
    takes: int = 0
    """Keys that took a ghost or a part of one."""
    taken: int = 0
    """Characters that came with those."""
    lost: int = 0
    """Characters of those that were deleted in the paragraph in which they were taken."""
    shown: int = 0
    """Ghosts that were shown."""
    accepted: int = 0
    """Ghosts of which something was taken."""
    dismissed: int = 0
    """Ghosts that were dismissed."""
    latencies: Counter[int] = field(default_factory=Counter[int])
    """Answers by the bin of their latency."""

    @property
    def characters(self) -> int:
        """Characters that were written and that stayed as far as is known."""
        return self.typed + self.taken - self.lost

    @property
    def keys_saved(self) -> int:
        """Keys that ghosts spared; negative where taking them cost more."""
        return self.taken - self.lost - self.takes

    @property
    def saved(self) -> float | None:
        """1 - keys / characters; None before a ghost was taken."""
        return self.keys_saved / self.characters if self.takes and self.characters > 0 else None

    def add(self, other: Counts) -> None:
        """Count what another counted as well."""
        for item in fields(self):
            if item.name == "latencies":
                self.latencies.update(other.latencies)
            else:
                setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))

    def answered(self, milliseconds: float) -> None:
        """A ghost was asked for and came after so long."""
        clamped = min(max(milliseconds, 0.01), SLOWEST)
        self.latencies[round(math.log2(clamped) * STEPS_AN_OCTAVE)] += 1

    def latency(self, share: float) -> float | None:
        """Return the milliseconds within which a share of the answers came, to a tenth; None where there was none."""
        wanted = share * self.latencies.total()
        for index in sorted(self.latencies):
            wanted -= self.latencies[index]
            if wanted <= 1e-9:
                return 2 ** (index / STEPS_AN_OCTAVE)
        return None

    def as_json(self) -> dict[str, Any]:
        """Return all counts as JSON."""
        found: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        found["latencies"] = {str(index): count for index, count in sorted(self.latencies.items())}
        return found

    @classmethod
    def from_json(cls, value: object) -> Counts:
        """Return counts as they were written; what cannot be counts is 0."""
        known: Mapping[str, object] = cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
        counts = cls()
        for item in fields(cls):
            if item.name != "latencies":
                setattr(counts, item.name, _count(known.get(item.name)))
        latencies = known.get("latencies")
        if isinstance(latencies, dict):
            for index, count in cast("Mapping[str, object]", latencies).items():
                if len(index) <= 4 and index.lstrip("-").isdecimal():
                    counts.latencies[int(index)] += _count(count)
        return counts


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53 else 0


class Tally:
    """Follows one person's writing, edit by edit; counts by day and by the model in use, and in all.

    Each edit of the text is told to `edit` first, and then, where it was a key or a take, to `type` or `take`.
    """

    def __init__(self, model: str = "base", today: Callable[[], date] = date.today) -> None:
        self.model = model
        """The model that what comes next is counted for."""
        self.total = Counts()
        """Since this was made."""
        self._today = today
        self._parts: dict[tuple[str, str], Counts] = {}
        self._row = -1
        self._spans: list[tuple[int, int]] = []
        """Where in that row, the last paragraph that was taken into, characters stand that were taken."""

    @property
    def saved(self) -> float | None:
        """1 - keys / characters since this was made; None before a ghost was taken."""
        return self.total.saved

    def type(self, characters: int = 1) -> None:
        """Keys were pressed that typed a character each."""
        self._count(Counts(typed=characters))

    def take(self, start: Position, text: str, *, first: bool) -> None:
        """`text` was taken with one key and stands from `start` on; `first` says that it was a ghost's first take."""
        self._count(Counts(takes=1, taken=len(text), accepted=int(first)))
        row, column = start[0] + text.count("\n"), start[1]
        if row != start[0]:
            column, text = 0, text.rpartition("\n")[2]
        self._follow(row)
        self._spans.append((column, column + len(text)))

    def edit(self, start: Position, end: Position, text: str) -> None:
        """What was from `start` to `end` became `text`; where taken characters go with it, they are lost."""
        if start[0] != self._row or end[0] != self._row:
            self._follow(-1)
            return
        left, right = start[1], end[1]
        lost = sum(max(0, min(right, to) - max(left, at)) for at, to in self._spans)
        if lost:
            self._count(Counts(lost=lost))
        if "\n" in text:
            self._follow(-1)
        else:
            self._spans = _moved(self._spans, left, right, len(text))

    def show(self) -> None:
        """A ghost was shown."""
        self._count(Counts(shown=1))

    def dismiss(self) -> None:
        """A ghost that was shown was dismissed."""
        self._count(Counts(dismissed=1))

    def answered(self, milliseconds: float) -> None:
        """The engine answered after so long."""
        counts = Counts()
        counts.answered(milliseconds)
        self._count(counts)

    def new_text(self) -> None:
        """Another text is being written from here on."""
        self._follow(-1)

    def drain(self) -> dict[tuple[str, str], Counts]:
        """Return what was counted since this was last asked, by (day, model), days as 2026-11-25."""
        parts, self._parts = self._parts, {}
        return parts

    def give_back(self, parts: Mapping[tuple[str, str], Counts]) -> None:
        """Have what was drained, and could not be kept, drained again."""
        for key, counts in parts.items():
            self._parts.setdefault(key, Counts()).add(counts)

    def _count(self, counts: Counts) -> None:
        self.total.add(counts)
        self._parts.setdefault((self._today().isoformat(), self.model), Counts()).add(counts)

    def _follow(self, row: int) -> None:
        if row != self._row:
            self._row, self._spans = row, []


def _moved(spans: list[tuple[int, int]], left: int, right: int, length: int) -> list[tuple[int, int]]:
    """Return where spans are after what was from `left` to `right` became something of this length."""
    shift = length - (right - left)
    moved: list[tuple[int, int]] = []
    for start, end in spans:
        if start < left:
            moved.append((start, min(end, left)))
        if end > right:
            moved.append((max(start, right) + shift, end + shift))
    return moved
