"""A vocabulary as a decoder sees it: which tokens can spell given bytes, which begin a word, which may not be shown.

Needs no screen. A token is a string of bytes, so this serves characters, words and subwords alike.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.words import APOSTROPHES, in_word

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BREAKS = 1
"""The token cannot go on with a word: it begins a new one, or is white space, a mark or the end of the text."""
BARRED = 2
"""The token may never be shown: control characters, or nothing to show."""
LINES = 4
"""The token holds a line end."""
MARKED = 8
"""The token begins with a mark: punctuation, or anything else that is no white space and no part of a word."""
CAPITAL = 16
"""The token begins with a capital letter."""

NOTHING, WORD, MARKS = range(3)
"""What has been spelled: nothing but white space; (part of) a word; marks alone."""
CACHED_PREFIXES = 256


class Pieces:
    """Lookups over the byte strings of a vocabulary.

    Sorted byte strings serve as the trie: all tokens that begin with given bytes stand side by side.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        """Take the bytes of each token, by id."""
        self.pieces = list(pieces)
        order = sorted(range(len(pieces)), key=lambda index: (pieces[index], index))
        self._order: Ids = np.array(order, dtype=np.int64)
        self._sorted = [pieces[index] for index in order]
        self._ids: dict[bytes, list[int]] = {}
        for index, piece in enumerate(pieces):
            self._ids.setdefault(piece, []).append(index)
        self.flags = [_flags(piece) for piece in pieces]
        """For each token BREAKS, BARRED, LINES, MARKED and CAPITAL, or-ed."""
        self.kinds = [_kind(piece) for piece in pieces]
        """What each token spells: NOTHING, WORD or MARKS."""
        flags = np.array(self.flags, dtype=np.uint8)
        self.ends: tuple[Mask, Mask, Mask] = (
            np.zeros(len(pieces), dtype=np.bool_),
            (flags & BREAKS) > 0,
            (flags & MARKED) == 0,
        )
        """For each of NOTHING, WORD and MARKS the tokens that cannot go on with it."""
        self._cache: dict[bytes, tuple[Ids, list[int]]] = {}

    def matching(self, wanted: bytes) -> tuple[Ids, list[int]]:
        """Return the tokens that agree with the bytes to come: those that spell them all, and those that spell some.

        Args:
            wanted: at least one byte.
        """
        found = self._cache.get(wanted)
        if found is None:
            if len(self._cache) >= CACHED_PREFIXES:
                self._cache.clear()
            low = bisect_left(self._sorted, wanted)
            high = bisect_left(self._sorted, _after(wanted), low) if _after(wanted) else len(self._sorted)
            some = [token for length in range(1, len(wanted)) for token in self._ids.get(wanted[:length], ())]
            found = self._cache[wanted] = self._order[low:high], some
        return found


def closes(kind: int, flags: int) -> bool:
    """Whether a token with such flags cannot go on with what has been spelled: NOTHING, a WORD or MARKS."""
    return bool(flags & BREAKS) if kind == WORD else kind == MARKS and not flags & MARKED


def _after(prefix: bytes) -> bytes:
    """Return the least byte string above all that begin with `prefix`; empty where there is none."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes([trimmed[-1] + 1]) if trimmed else b""


def _flags(piece: bytes) -> int:
    if not piece:
        return BREAKS | BARRED
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        return 0  # part of a character: whether it may be shown is decided when it is whole
    flags = 0
    goes_on = in_word(text[0]) or (text[0] in APOSTROPHES and (len(text) == 1 or in_word(text[1])))
    if not goes_on:
        flags |= BREAKS
    if "\n" in text:
        flags |= LINES
    if not presentable(text):
        flags |= BARRED
    if not in_word(text[0]) and not text[0].isspace():
        flags |= MARKED
    if text[0].isupper():
        flags |= CAPITAL
    return flags


def _kind(piece: bytes) -> int:
    try:
        text = piece.decode("utf-8").strip()
    except UnicodeDecodeError:
        return WORD
    if not text:
        return NOTHING
    return WORD if any(in_word(character) for character in text) else MARKS


def presentable(text: str) -> bool:
    """Whether every character may stand in a ghost: no controls but line ends, no half characters, nothing unseen."""
    if text.isascii() and text.isprintable():
        return True
    return all(
        character == "\n" or (unicodedata.category(character) not in _UNSEEN and character != "\ufffd")
        for character in text
    )


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
