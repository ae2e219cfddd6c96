"""Plain text to prose: lines that were wrapped by hand are joined again. Needs no screen and no torch.

Whether a line end is a wrap is told from the width: it is one where the next word would not have fitted. A text whose
line ends are mostly such is unwrapped; in any other, verse or a list, the lines are the author's.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

NARROWEST, WIDEST = 40, 120
"""Columns that people wrap at."""
_SLACK: Final = 3
"""Columns that a wrapped line may be shorter than it had to be: people and editors differ by a few."""
_LEAST_SHARE: Final = 0.5
"""Share of line ends within paragraphs that must look like wraps, and of these that must be followed by a word in lower
case, or in a script without cases: lines of verse may all be as long, but they begin with capitals."""
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+•‣◦▪·]|\d{1,3}[.)]|\[[ xX]\])[ \t]+(?=\S)")
_QUOTE: Final = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_ITALIC: Final = re.compile(r"(?<![\w_])_(?=[^\s_])([^_]{1,200}?)(?<=\S)_(?![\w_])")
_COLUMNS: Final = re.compile(r"\S[ \t]{3,}\S|\t\S.*\t\S|\|.*\|")
_BLANK: Final = re.compile(r"\n(?:[^\S\n]*\n)+")
_WORD_START: Final = re.compile(r"[^\W\d_]")
_CJK: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def prose_of(text: str) -> str:
    """Return a plain text's paragraphs, a blank line between them.

    Args:
        text: lines end in a line feed.
    """
    if "_" in text:
        text = _ITALIC.sub(r"\1", text)
    if ">" in text:
        text = _QUOTE.sub("", text)
    blocks = [block.split("\n") for block in _BLANK.split(text.strip("\n"))]
    width = wrapped_at(blocks)
    return "\n\n".join(joined for block in blocks if (joined := _join(block, width)))


def wrapped_at(blocks: list[list[str]]) -> int | None:
    """Return the column that a text is wrapped at, None where it is not.

    Args:
        blocks: lines between blank ones.
    """
    lengths = sorted(len(line.rstrip()) for block in blocks for line in block[:-1])
    if not lengths:
        return None
    # The longest few may be headings, addresses or lines that were never wrapped.
    width = lengths[min(len(lengths) - 1, int(0.98 * len(lengths)))]
    if not NARROWEST <= width <= WIDEST:
        return None
    wraps = ends = continued = 0
    for block in blocks:
        starts = _starts(block)
        for index, (line, following) in enumerate(pairwise(block), 1):
            if index in starts:
                continue
            ends += 1
            if _is_wrap(line, following, width):
                wraps += 1
                found = _WORD_START.search(following)
                continued += found is not None and not found[0].isupper()
    return width if wraps >= _LEAST_SHARE * ends and continued >= _LEAST_SHARE * wraps > 0 else None


def _is_wrap(line: str, following: str, width: int) -> bool:
    word = following.split(None, 1)
    return bool(word) and len(line.rstrip()) + 1 + len(word[0]) > width - _SLACK


def _join(block: list[str], width: int | None) -> str:
    """Return a block's lines as one paragraph or several; nothing where it is a table."""
    if len(block) > 1 and 2 * sum(1 for line in block if _COLUMNS.search(line)) > len(block):
        return ""
    out: list[str] = []
    before = ""
    starts = _starts(block) if width is not None else set[int]()
    for index, line in enumerate(block):
        item = _ITEM.match(line)
        text = (line[item.end() :] if item else line).strip()
        if not text:
            continue
        if not out:
            out.append(text)
        elif item or index in starts:
            out.append("\n\n" + text)
        elif width is not None and _is_wrap(before, line, width):
            glued = _CJK.match(out[-1][-1]) is not None and _CJK.match(text) is not None
            out.append(text if glued else " " + text)
        else:
            out.append("\n" + text)
        before = line
    return "".join(out)


def _starts(block: list[str]) -> set[int]:
    """Return the lines of a block that begin an item of a list or, by their indentation, a paragraph.

    Where most lines are indented, or there is a list, it is lines that go on that are indented.
    """
    items = {index for index, line in enumerate(block) if _ITEM.match(line)}
    if items:
        return items
    indents = [_indent(line) for line in block]
    least = min(indents)
    indented = {index for index, indent in enumerate(indents) if indent >= least + 2}
    return indented if 2 * len(indented) <= len(block) else set()


def _indent(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())
