"""Markdown as far as an editor shows it: what the parts of a line are, which lines are code, where the headings are.

Needs no screen and no torch. Nothing here looks at more than a line, but for the fences around code, of which only the
lines that hold one are remembered: an edit costs what it touches.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Part = Literal["heading", "quote", "code", "strong", "emphasis", "struck", "link", "mark"]
"""What a stretch of a line is; a mark is what Markdown itself needs, such as the stars around a strong word."""
Span = tuple[int, int, str]
"""Start and end columns, and what lies between."""

LONGEST: Final = 10_000
"""Characters of a line that is looked at; a longer one is shown plain."""
_REACH: Final = 300
"""Characters between an opening mark and its closing one, so that marks without one cost little."""
_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)")
_QUOTE: Final = re.compile(r" {0,3}(?:> ?)+")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_RULE: Final = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})[ \t]*(\S?)")
_INLINE: Final = re.compile(
    rf"""
      \\[!-/:-@\[-`{{-~]
    | (?P<ticks>`+)(?!`) (?P<code>.{{1,{_REACH}}}?) (?<!`)(?P=ticks)(?!`)
    | !?\[ (?P<text>[^\[\]]{{0,{_REACH}}}) \] (?:\([^()\s]{{0,{_REACH}}}(?:[ ]"[^"]{{0,200}}")?\)|\[[^\[\]]{{0,200}}\])
    | (?P<address><?\bhttps?://[^\s<>]{{1,{_REACH}}}(?<![.,;:!?)])>?)
    | (?P<stars>\*\*|(?<!\w)__)(?=\S) (?P<strong>.{{1,{_REACH}}}?) (?<=[^\s*_])(?P=stars)
    | (?P<star>\*|(?<!\w)_)(?=[^\s*_]) (?P<emphasis>.{{1,{_REACH}}}?) (?<=[^\s*_])(?P=star)(?![\w*])
    | ~~(?=\S) (?P<struck>.{{1,{_REACH}}}?) (?<=\S)~~
    """,
    re.VERBOSE,
)
_MARKS: Final = frozenset("`*_[~\\:")
"""Characters without one of which a line has nothing inline."""


def spans(line: str, *, code: bool = False) -> list[Span]:
    """What the parts of a line are, in order of their starts; parts may lie within others.

    Args:
        line: the line without its end.
        code: whether it stands between fences, or is one.
    """
    if code:
        return [(0, len(line), "code")] if line else []
    if not line or len(line) > LONGEST:
        return []
    found: list[Span] = []
    at = 0
    if match := _HEADING.match(line):
        found += [(0, len(line), "heading"), (0, match.end(), "mark")]
        at = match.end()
    elif _RULE.match(line):
        return [(0, len(line), "mark")]
    else:
        if match := _QUOTE.match(line):
            found += [(0, len(line), "quote"), (0, match.end(), "mark")]
            at = match.end()
        if match := _ITEM.match(line, at):
            found.append((at, match.end(), "mark"))
            at = match.end()
    return found if _MARKS.isdisjoint(line) else found + _inline(line, at, len(line))


def _inline(line: str, start: int, end: int, depth: int = 0) -> list[Span]:
    found: list[Span] = []
    for match in _INLINE.finditer(line, start, end):
        if match["code"] is not None:
            found += _marked(match, "code")
        elif match["text"] is not None:
            first, last = match.span("text")
            found += [(first, last, "link"), (match.start(), first, "mark"), (last, match.end(), "mark")]
        elif match["address"] is not None:
            found.append((*match.span("address"), "link"))
        else:
            part = next((name for name in ("strong", "emphasis", "struck") if match[name] is not None), None)
            if part is not None:
                found += _marked(match, part)
                if depth < 2:
                    found += _inline(line, *match.span(part), depth + 1)
    return found


def _marked(match: re.Match[str], part: str) -> list[Span]:
    first, last = match.span(part)
    return [(first, last, part), (match.start(), first, "mark"), (last, match.end(), "mark")]


@dataclass(frozen=True)
class Heading:
    """A heading of a draft."""

    row: int
    level: int
    title: str


def headings(lines: Sequence[str], fences: Fences) -> list[Heading]:
    """All headings, in their order."""
    found: list[Heading] = []
    for row, line in enumerate(lines):
        if "#" in line[:4] and (match := _HEADING.match(line)) and not fences.inside(row):
            title = re.sub(r"\s+#+\s*$", "", line[match.end() :]).strip()
            found.append(Heading(row, len(match[1]), title))
    return found


class Fences:
    """The lines of a text that hold a fence (``` or ~~~), and so which lines are code."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._rows: list[int] = []
        self._marks: list[tuple[str, bool]] = []
        """Of each such row: the fence, and whether something follows it, which only an opening one may have."""
        for row, line in enumerate(lines):
            if mark := _fence(line):
                self._rows.append(row)
                self._marks.append(mark)
        self._blocks = self._pair()

    def follow(self, top: int, old_bottom: int, new_bottom: int, lines: Sequence[str]) -> bool:
        """The rows from `top` to `old_bottom` became those to `new_bottom`; return whether other rows are code now."""
        first, last = bisect_left(self._rows, top), bisect_right(self._rows, old_bottom)
        found = [(row, mark) for row in range(top, new_bottom + 1) if (mark := _fence(lines[row]))]
        shift = new_bottom - old_bottom
        if first == last and not found and (not shift or last == len(self._rows)):
            return False
        same = [mark for _, mark in found] == self._marks[first:last]
        self._rows[first:] = [row for row, _ in found] + [row + shift for row in self._rows[last:]]
        self._marks[first:last] = [mark for _, mark in found]
        self._blocks = self._pair()
        return not same

    def inside(self, row: int) -> bool:
        """Whether a row is code or the fence around it."""
        if not self._blocks:
            return False
        at = bisect_right(self._blocks, (row, 1 << 62)) - 1
        return at >= 0 and row <= self._blocks[at][1]

    def _pair(self) -> list[tuple[int, int]]:
        """First and last row of each block; one that is not closed goes on to the end."""
        blocks: list[tuple[int, int]] = []
        opened: tuple[int, str] | None = None
        for row, (fence, more) in zip(self._rows, self._marks, strict=True):
            if opened is None:
                opened = row, fence
            elif not more and fence.startswith(opened[1]):
                blocks.append((opened[0], row))
                opened = None
        return blocks if opened is None else [*blocks, (opened[0], 1 << 62)]


def _fence(line: str) -> tuple[str, bool] | None:
    """The fence that a line holds, and whether something follows it."""
    if "```" not in line[:8] and "~~~" not in line[:8]:
        return None
    match = _FENCE.match(line)
    return (match[1], bool(match[2])) if match else None
