"""Two texts compared for a person: paragraphs that differ, and in them the words. Needs no screen and no torch."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Change = Literal["same", "out", "in"]
"""Whether a stretch is in both texts, only in the older, or only in the newer."""
AROUND: Final = 1
"""Lines shown around what differs."""
_LONG: Final = 4000
"""Characters of a line within which words are compared."""
_ALIKE: Final = 0.3
"""Share of words in common below which a line counts as another, not as a changed one."""
_WORD: Final = re.compile(r"\s+|[\w'’]+|.")


@dataclass(frozen=True)
class Line:
    """A line of the comparison: stretches of text and what became of them; None for lines that are left out."""

    parts: tuple[tuple[Change, str], ...] | None


def compare(older: str, newer: str) -> list[Line]:
    """What changed from `older` to `newer`, with a line around each change; no line at all where nothing did.

    Lines that are alike are compared word by word. Costs seconds for megabytes: call it in a thread.
    """
    before, after = older.split("\n"), newer.split("\n")
    result: list[Line] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > 20_000)
    groups = list(matcher.get_grouped_opcodes(AROUND))
    for group in groups:
        if result or group[0][1] > 0:
            result.append(Line(None))
        for what, first, last, start, end in group:
            if what == "equal":
                result += [Line((("same", line),)) for line in before[first:last]]
            else:
                result += _changed(before[first:last], after[start:end])
    if groups and groups[-1][-1][2] < len(before):
        result.append(Line(None))
    return result


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    paired = len(before) == len(after)
    for old, new in zip(before, after, strict=True) if paired else ():
        yield from words(old, new)
    if not paired:
        yield from (Line((("out", line),)) for line in before)
        yield from (Line((("in", line),)) for line in after)


def words(old: str, new: str) -> list[Line]:
    """One line with the words that went and came, or both lines where they have little in common."""
    if len(old) + len(new) <= _LONG:
        one, other = _WORD.findall(old), _WORD.findall(new)
        matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
        if matcher.ratio() >= _ALIKE:
            parts: list[tuple[Change, str]] = []
            for what, first, last, start, end in matcher.get_opcodes():
                if what == "equal":
                    parts.append(("same", "".join(one[first:last])))
                else:
                    parts.append(("out", "".join(one[first:last])))
                    parts.append(("in", "".join(other[start:end])))
            return [Line(tuple(part for part in parts if part[1]))]
    return [Line((("out", old),)), Line((("in", new),))]
