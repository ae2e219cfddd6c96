"""What prose is, the same for every kind of file. Needs no screen and no torch.

A text is paragraphs with a blank line between them; a paragraph is one line, unless its author ended lines in it, as
verse and addresses do. Headings are paragraphs. Sentences that would have a hole, because a formula or an address of
the web stood in them, are left out whole: a model would learn the hole.
"""

from __future__ import annotations

import re
from typing import Final

OBJECT: Final = "\ufffc"
"""Stands in a text for what cannot be said in words, until the sentence around it is left out."""

_SPACES: Final = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
)
_NOTHING: Final = "\u00ad\u200b\u2060\ufeff"
"""Characters without width. Joiners are not among them: scripts and emoji need them."""
_TRANSLATION: Final = {
    **dict.fromkeys(map(ord, _SPACES), " "),
    **dict.fromkeys(map(ord, _NOTHING), None),
    0x2028: "\n",
    0x2029: "\n\n",
}
_UNUSUAL: Final = re.compile(f"[{_SPACES}{_NOTHING}\u2028\u2029]")
_MANY_SPACES: Final = re.compile(r" {2,}")
_EDGES: Final = re.compile(r" ?\n ?")
_MANY_LINES: Final = re.compile(r"\n{3,}")
_BULLET: Final = re.compile(r"^[•‣◦▪▫●○■□▶►➢✓✔☐☑☒·][ \t]*", re.MULTILINE)
_WEB: Final = re.compile(r"\b(?:https?|ftp|file|mailto|data)://?[^\s<>]*|\bwww\.[^\s<>]+|\bmailto:\S+")
_HOLE: Final = re.compile(rf"{OBJECT}|://|\bwww\.|\bmailto:|\bdata:\w+/")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])[」』”]*")

_LETTERS: Final = bytes(code for code in range(256) if chr(code).isalpha() and code < 128)
_HIGH: Final = bytes(range(128, 256))
_SHORT: Final = 40
"""Characters of a paragraph below which little can be told from the share of letters: titles, sums, dates."""
_LEAST_LETTERS: Final = 0.7
"""Share of letters and spaces in a longer paragraph of prose; code, tables and lists of numbers have less."""
_LEAST_LETTERS_SHORT: Final = 0.4
_MOST_FOREIGN: Final = 0.2
"""Share of bytes beyond ASCII from which characters are looked at one by one."""
_CODE_LINE: Final = re.compile(r"[;{}]\s*$|^\s*(?:[#$>]\s|//|/\*|\*/|</?\w)|^[\w.]+\(.*\)$", re.MULTILINE)


def formula(source: str) -> str:
    """Return a formula as text where it is as good as words, such as n = 3; else a hole."""
    plain = len(source) <= 24 and re.fullmatch(r"[\w\s+=<>,.()/%-]+", source)
    return source if plain else OBJECT


def tidy(text: str) -> str:
    """Return text with plain spaces, one at a time, at most one blank line in a row, and none at its ends.

    Bullets go, as other marks of a list have gone by then.
    """
    if not text.isascii() or "\t" in text:
        if _UNUSUAL.search(text):
            text = text.translate(_TRANSLATION)
        text = _BULLET.sub("", text)
    if "  " in text:
        text = _MANY_SPACES.sub(" ", text)
    if " \n" in text or "\n " in text:
        text = _EDGES.sub("\n", text)
    return _MANY_LINES.sub("\n\n", text).strip()


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a tidy text that are prose, without the sentences that have a hole."""
    holes = _HOLE.search(text) is not None
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        if holes and _HOLE.search(paragraph):
            paragraph = _without_holes(paragraph)
        if is_prose(paragraph):
            kept.append(paragraph)
    return kept


def _without_holes(paragraph: str) -> str:
    lines: list[str] = []
    for line in paragraph.split("\n"):
        start, kept = 0, list[str]()
        for end in [*(found.end() for found in _SENTENCE_END.finditer(line)), len(line)]:
            if not _HOLE.search(line, start, end):
                kept.append(line[start:end])
            start = end
        if any(kept):
            lines.append("".join(kept).strip())
    return "\n".join(lines)


def is_prose(paragraph: str) -> bool:
    """Say whether a paragraph is made of words, in any script, rather than of code, figures or lines drawn."""
    data = paragraph.encode("utf-8", "surrogatepass")
    if not data:
        return False
    letters = len(data) - len(data.translate(None, _LETTERS))
    high = len(data) - len(data.translate(None, _HIGH))
    size = len(paragraph)
    if high > _MOST_FOREIGN * len(data):
        # Combining marks are letters here: Indic scripts are full of them.
        letters = sum(
            1 for character in paragraph if character.isalpha() or "\u0300" <= character <= "\u0dff"
        )
    else:
        letters += high // 2
    if not letters:
        return False
    words = letters + paragraph.count(" ")
    if words < (_LEAST_LETTERS_SHORT if size < _SHORT else _LEAST_LETTERS) * size:
        return False
    lines = paragraph.count("\n") + 1
    return lines < 2 or 2 * len(_CODE_LINE.findall(paragraph)) < lines
