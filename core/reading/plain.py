"""Plain text to prose: lines that were wrapped by hand are joined again. Needs no screen and no torch.

Whether a line end is a wrap is told from the width: it is one where the next word would not have fitted. A text whose
line ends are mostly such is unwrapped; in any other, verse or a list, the lines are the author's.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

NARROWEST, NARROW, WIDEST = 40, 56, 120
"""Columns that people wrap at; below NARROW verse is as narrow, so the lines' first letters must tell, too."""
_SLACK: Final = 3
"""Columns that a wrapped line may be shorter than it had to be: people and editors differ by a few."""
_LEAST_SHARE: Final = 0.6
"""Share of line ends within paragraphs that must look like wraps."""
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
        for line, following in itertools.pairwise(block):
            if _ITEM.match(following):
                continue
            ends += 1
            if _is_wrap(line, following, width):
                wraps += 1
                found = _WORD_START.search(following)
                continued += found is not None and not found[0].isupper()
    if wraps < _LEAST_SHARE * ends or (width < NARROW and 2 * continued < wraps):
        return None
    return width


def _is_wrap(line: str, following: str, width: int) -> bool:
    word = following.split(None, 1)
    return bool(word) and len(line.rstrip()) + 1 + len(word[0]) > width - _SLACK


def _join(block: list[str], width: int | None) -> str:
    """Return a block's lines as one paragraph or several; nothing where it is a table."""
    if len(block) > 1 and 2 * sum(1 for line in block if _COLUMNS.search(line)) > len(block):
        return ""
    out: list[str] = []
    before = ""
    for line in block:
        item = _ITEM.match(line)
        text = (line[item.end() :] if item else line).strip()
        if not text:
            continue
        if not out:
            out.append(text)
        elif item or (width is not None and _is_indented(line, before)):
            out.append("\n\n" + text)
        elif width is not None and _is_wrap(before, line, width):
            glued = _CJK.match(out[-1][-1]) is not None and _CJK.match(text) is not None
            out.append(text if glued else " " + text)
        else:
            out.append("\n" + text)
        before = line
    return "".join(out)


def _is_indented(line: str, before: str) -> bool:
    """Say whether a line begins a paragraph by its indentation."""
    if _ITEM.match(before):
        return False
    return _indent(line) >= _indent(before) + 2


def _indent(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())
