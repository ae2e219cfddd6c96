"""Lines on pages to paragraphs: what a PDF does not say is told from where things stand. No screen, no torch.

A PDF knows glyphs and places, no paragraphs. A paragraph begins where there is more room above a line than between
lines, where a line is indented, where the size of the letters changes, and after a sentence that ends before the
margin. What comes again at the top or the bottom of pages is their furniture.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

HYPHEN: Final = "\ufffe"
"""PDFium's mark of a word that was divided at a line's end."""
_MARGIN: Final = 0.12
"""Share of a page's height, at its top and bottom, in which its furniture stands."""
_PAGES_OF_FURNITURE: Final = 3
_WIDE_GAP: Final = 1.35
"""Distance of two lines from which a paragraph ends, in usual distances."""
_NUMBER: Final = re.compile(r"\d+|\b[ivxlc]+\b")
_SENTENCE_END: Final = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_ITEM: Final = re.compile(r"(?:[•‣◦▪–—*·]|\(?\d{1,3}[.)])\s+")
_LEADERS: Final = re.compile(r"(?:\.\s?){5,}|(?:\s·){4,}")
_DIVIDED: Final = re.compile(rf"(\w+)(?:{HYPHEN}|-\n)(\w+)")
_WORD: Final = re.compile(r"\w+(?:-\w+)*")
_LIGATURES: Final = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_SHORT: Final = 40
"""Characters of a line alone below which it is a cell or a label, unless it is a sentence or large."""


@dataclass(frozen=True)
class Line:
    """A line of text, its places in points from the lower left of the page."""

    text: str
    page: int
    left: float
    right: float
    top: float
    """Base line; of a word that goes on below, the first one."""
    bottom: float
    """Base line, the last one."""
    size: float
    """Size of its letters."""
    mono: bool
    """Whether all letters are equally wide, as in code."""


def prose_of(lines: Sequence[Line], heights: Sequence[float]) -> str:
    """Return the paragraphs of a document.

    Args:
        lines: in the order of reading.
        heights: of each page.
    """
    kept = [
        line
        for line in _without_furniture(lines, heights)
        if not line.mono and not _LEADERS.search(line.text)
    ]
    if not kept:
        return ""
    body = Counter(round(line.size) for line in kept for _ in range(1 + len(line.text) // 40)).most_common(1)[
        0
    ][0]
    groups = _grouped(kept)
    text = "\n\n".join("\n".join(line.text for line in group) for group in groups if _is_running(group, body))
    return _joined(text.translate(_LIGATURES))


def _without_furniture(lines: Sequence[Line], heights: Sequence[float]) -> Iterable[Line]:
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    candidates: dict[int, str] = {}
    for page, on_page in pages.items():
        height = heights[page]
        for line in (
            sorted(on_page, key=lambda line: line.top)[:2] + sorted(on_page, key=lambda line: -line.top)[:2]
        ):
            if not _MARGIN * height < line.top < (1 - _MARGIN) * height:
                candidates[id(line)] = _NUMBER.sub("#", line.text.lower()).strip(" -–|.")
    counts = Counter(candidates.values())
    least = max(_PAGES_OF_FURNITURE, len(pages) // 20)
    return (
        line
        for line in lines
        if not (
            (key := candidates.get(id(line))) is not None
            and (key in ("#", "page #", "") or counts[key] >= least)
        )
    )


def _grouped(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines of each paragraph."""
    distance = _usual_distances(lines)
    margins = _margins(lines)
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not _begins(line, groups[-1], distance, margins):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _usual_distances(lines: Sequence[Line]) -> dict[int, float]:
    """Return how far the lines of each size are apart; median in points."""
    found: dict[int, list[float]] = {}
    for before, line in itertools.pairwise(lines):
        step = before.bottom - line.top
        if line.page == before.page and abs(line.size - before.size) < 0.5 and 0 < step < 3 * line.size:
            found.setdefault(round(line.size), []).append(step)
    return {size: median(steps) for size, steps in found.items()}


def _margins(lines: Sequence[Line]) -> dict[int, float]:
    """Return how far to the right the text of each page reaches."""
    rights: dict[int, list[float]] = {}
    for line in lines:
        rights.setdefault(line.page, []).append(line.right)
    return {page: sorted(values)[int(0.9 * (len(values) - 1))] for page, values in rights.items()}


def _begins(
    line: Line, group: Sequence[Line], distances: dict[int, float], margins: dict[int, float]
) -> bool:
    """Say whether a line begins a paragraph after those of `group`."""
    before = group[-1]
    if abs(line.size - before.size) > 0.12 * max(line.size, before.size) or _ITEM.match(line.text):
        return True
    ended = _SENTENCE_END.search(before.text) is not None
    step = before.bottom - line.top
    if line.page != before.page or step < -line.size:  # the next page, or the next column
        return ended or line.text[:1].isupper()
    usual = distances.get(round(line.size), 1.2 * line.size)
    if step > _WIDE_GAP * usual:
        return True
    edge = min(item.left for item in (group[1:] or group))
    if line.left > edge + 0.8 * line.size and len(group) > 1 and ended:
        return True
    width = max(item.right for item in group) - edge
    same_column = abs(before.right - margins[line.page]) < 0.5 * width or width < 0.5 * margins[line.page]
    reach = max(margins[line.page] if same_column else 0.0, max(item.right for item in group))
    return ended and before.right < reach - max(0.12 * width, 2 * line.size) and line.text[:1].isupper()


def _is_running(group: Sequence[Line], body: int) -> bool:
    """Say whether lines are text that is read on: not what stands in a table or a picture."""
    text = " ".join(line.text for line in group)
    return len(text) >= _SHORT or _SENTENCE_END.search(text) is not None or group[0].size > 1.08 * body


def _joined(text: str) -> str:
    """Return text with its lines and the words divided between them joined."""
    written = Counter(found[0].lower() for found in _WORD.finditer(text.replace("\n", " ")))

    def join(found: re.Match[str]) -> str:
        first, second = found[1], found[2]
        hyphened, whole = f"{first}-{second}", first + second
        if written[hyphened.lower()] > written[whole.lower()] or not second[0].islower():
            return hyphened
        return whole

    return re.sub(r"(?<!\n)\n(?!\n)", " ", _DIVIDED.sub(join, text)).replace(HYPHEN, "")
