"""Small facts about text that screens, drafts and statistics share. Needs no screen and no torch."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BIDI: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
_CONTROLS: Final = (*range(0x00, 0x20), *range(0x7F, 0xA0))
_KEPT: Final = (0x09, 0x0A)
_STRIPPED: Final[dict[int, str | None]] = {
    **{code: None for code in (*_CONTROLS, *_BIDI, 0x2028, 0x2029, 0xFEFF) if code not in _KEPT},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}
_SHOWN: Final[dict[int, str]] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if code not in _KEPT},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    0x85: "\u2424",
    **dict.fromkeys(_BIDI, "\u2038"),
    0x2028: "\u2424",
    0x2029: "\u2424",
    0xFEFF: "\u2038",
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}
_WORD: Final = re.compile(r"\S*\w\S*")


def strip_controls(text: str) -> str:
    """`text` without what could steer a terminal: C0 and C1 controls (line feeds and tabs stay), bidirectional
    overrides, line and paragraph separators; lone surrogates become U+FFFD.
    """
    return text if text.isprintable() else text.translate(_STRIPPED)


def shown(text: str) -> str:
    """`text` with a visible stand-in of one code point for each of those characters, so that columns stay the same.

    Line feeds and tabs stay as they are.
    """
    return text if text.isprintable() else text.translate(_SHOWN)


def one_line(text: str) -> str:
    """`text` for a title or a notice: one line, nothing that steers a terminal, nothing left out silently."""
    return shown(text).replace("\n", "\u240a").replace("\t", "\u2409")


def count_words(text: str) -> int:
    """How many words a person would count: runs without white space that hold a letter or a digit."""
    return sum(1 for _ in _WORD.finditer(text))


def is_word_character(character: str) -> bool:
    """Whether `character` belongs to a word: a letter, a digit, a mark, an apostrophe, a hyphen or an underscore."""
    return character in "'’-_" or unicodedata.category(character)[0] in "LNM"


def first_sentence(text: str) -> str:
    """The start of `text` up to the end of its first sentence, closing quotes and brackets included, or all of it."""
    match = re.search(r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s|$)", text)
    line = text.find("\n", 1)
    end = match.end() if match else len(text)
    return text[: min(end, line) if line > 0 else end]
