"""Finding and replacing in a draft's lines. Needs no screen and no torch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

Place = tuple[int, int, int]
"""Row, first and last column of a match."""


@dataclass(frozen=True)
class Query:
    """What is looked for, within lines."""

    text: str
    case: bool = False
    """Whether capitals count."""
    words: bool = False
    """Whether only whole words are meant."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The query as an expression; it never needs more than a look at each place."""
        return _compiled(self)

    def in_line(self, line: str) -> Iterator[tuple[int, int]]:
        """First and last columns of the matches in a line."""
        if self.text:
            for match in self.pattern.finditer(line):
                yield match.span()


@lru_cache(32)
def _compiled(query: Query) -> re.Pattern[str]:
    expression = re.escape(query.text)
    if query.words:
        expression = rf"(?<!\w){expression}(?!\w)"
    return re.compile(expression, re.NOFLAG if query.case else re.IGNORECASE)


def next_match(lines: Sequence[str], query: Query, row: int, column: int) -> Place | None:
    """The first match that begins at or behind a place, going on from the start behind the last line."""
    for step in range(len(lines) + 1):
        at = (row + step) % len(lines)
        for first, last in query.in_line(lines[at]):
            if (step == 0 and first < column) or (step == len(lines) and first >= column):
                continue
            return at, first, last
    return None


def previous_match(lines: Sequence[str], query: Query, row: int, column: int) -> Place | None:
    """The last match that begins before a place, going on from the end before the first line."""
    for step in range(len(lines) + 1):
        at = (row - step) % len(lines)
        found: Place | None = None
        for first, last in query.in_line(lines[at]):
            if (step == 0 and first >= column) or (step == len(lines) and first < column):
                continue
            found = at, first, last
        if found is not None:
            return found
    return None


def count_matches(lines: Sequence[str], query: Query, place: tuple[int, int]) -> tuple[int, int]:
    """How many matches there are, and how many of them begin before a place."""
    total = before = 0
    for row, line in enumerate(lines):
        for first, _ in query.in_line(line):
            total += 1
            before += (row, first) < place
    return total, before


def replaced(text: str, query: Query, by: str) -> tuple[str, int]:
    """`text` with each match replaced, and how many there were; line ends are not looked into."""
    literal: Callable[[re.Match[str]], str] = lambda _: by  # noqa: E731 (a text would be read as a template)
    return query.pattern.subn(literal, text)
