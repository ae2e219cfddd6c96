"""Where words begin and end, for everything that speaks of words: ghosts, the typist, the keys that take a word.

Needs no screen and no torch. A word is a run of letters, digits and underscores, apostrophes inside it included.
"""

from __future__ import annotations

import re

APOSTROPHES = "'’"
LONGEST_WORD = 64
"""Characters of a word being typed that are looked at."""
LONGEST_MARKS = 8
"""Characters of a run of punctuation being typed that are looked at."""
_FIRST_WORD = re.compile(r"['’]\w+(?:['’]\w+)*|\s*(?:\w+(?:['’]\w+)*|[^\w\s]+|$)")
"""A ghost that begins with an apostrophe may go on with a word, as 't does with don."""


def first_word(ghost: str) -> str:
    """Return a ghost's first word or run of marks, with the white space before it."""
    found = _FIRST_WORD.match(ghost)
    return found.group() if found else ghost


def in_word(character: str) -> bool:
    """Whether a character belongs to a word wherever it stands."""
    return character.isalnum() or character == "_"


def typed_word(text: str) -> str:
    """Return the part of a word that ends a text; empty after anything else."""
    typed = text[typed_start(text) :].strip()
    return typed if typed and in_word(typed[0]) else ""


def typed_start(text: str) -> int:
    """Return where the word, or run of marks, that ends a text begins, the single space before it included.

    The whole length when the text ends in a line end, or is empty.
    """
    at = len(text)
    if at and (in_word(text[-1]) or (at > 1 and text[-1] in APOSTROPHES and in_word(text[-2]))):
        least = max(0, at - LONGEST_WORD)
        while at > least and (
            in_word(text[at - 1]) or (at > 1 and text[at - 1] in APOSTROPHES and in_word(text[at - 2]))
        ):
            at -= 1
    elif at and not text[-1].isspace():
        least = max(0, at - LONGEST_MARKS)
        while at > least and not text[at - 1].isspace() and not in_word(text[at - 1]):
            at -= 1
    if at and text[at - 1] == " ":
        at -= 1
    return at
