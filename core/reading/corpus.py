"""Texts to learn from: read from files and folders, and split into what is learnt and what is held out.

Needs no screen and no torch. How files are found and read is in `core.reading`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.reading.found import Corpus, LeftOut, Source, TextDocument, Texts
from core.reading.ignore import Excluded
from core.reading.reader import Progress, Reader
from core.settings import settings_for_learning
from core.text import one_line

__all__ = ["Corpus", "LeftOut", "Progress", "Source", "TextDocument", "Texts", "read_paths", "split_held_out"]

MIN_CHARACTERS: Final = 2_000
"""Fewer characters than this are not worth training on."""
SHARE_HELD_OUT: Final = 0.05
LEAST_HELD_OUT: Final = 5_000
"""Characters held out of a short text, if that is no more than SHARE_OF_SHORT of it: fewer measure only noise."""
SHARE_OF_SHORT: Final = 0.15
MOST_HELD_OUT: Final = 1_000_000
"""More characters do not measure better, they are only lost to learning."""


def read_paths(
    paths: Iterable[str | Path],
    exclude: Iterable[str | Path] = (),
    progress: Progress | None = None,
    *,
    least: int = MIN_CHARACTERS,
) -> Corpus:
    """Read files, and folders with all below them, in the order of their names.

    What the settings exclude is never read.

    Args:
        paths: files and folders. What is named must be usable; within a folder the rest is used where something
            is not.
        exclude: files and folders that are not read, wherever they are found, nor are copies of these files.
        progress: called while reading, at most ten times a second, and at the end.
        least: characters that must be found in all.

    Raises:
        UserError: when a named path cannot be used, nothing is there to read, it is less than `least`, or the settings
            do not say what to exclude because they are damaged.
    """
    settings = settings_for_learning()
    unwanted = [Path(path) for path in exclude]
    reader = Reader(Excluded(settings.exclude, unwanted), frozenset(settings.addresses), progress)
    asked = [Path(path) for path in paths]
    try:
        for path in unwanted:
            reader.know(path)
        for path in asked:
            reader.read(path)
    finally:
        reader.close()
    reader.tell(last=True)
    corpus = reader.corpus
    if corpus.characters < least:
        where = one_line(", ".join(str(path) for path in asked[:3])) + (" ..." if len(asked) > 3 else "")
        raise UserError(
            f"{where}: {corpus.characters:,} characters are too few to learn from; at least {least:,} are needed"
        )
    return corpus


Split = tuple[list[TextDocument], list[TextDocument], str]
"""What is learnt, what is held out, and how it was chosen, in words."""


def split_held_out(documents: Sequence[TextDocument], share: float = SHARE_HELD_OUT, seed: int = 0) -> Split:
    """Set text aside that is only measured on: whole documents, or the end of the longest where they are few or long.

    Args:
        documents: at least one; what is learnt keeps their order.
        share: share of all characters to hold out; a short text gives more, a huge one less.
        seed: decides which documents.

    Raises:
        UserError: when there is too little text to divide.
    """
    total = sum(document.characters for document in documents)
    wanted = min(max(share * total, min(LEAST_HELD_OUT, SHARE_OF_SHORT * total)), MOST_HELD_OUT)
    chosen = _choose(documents, wanted, seed) if len(documents) > 2 else set[int]()
    if chosen:
        learnt = [document for index, document in enumerate(documents) if index not in chosen]
        held_out = [document for index, document in enumerate(documents) if index in chosen]
        return learnt, held_out, f"{len(held_out):,} of {len(documents):,} documents"
    longest = max(range(len(documents)), key=lambda index: documents[index].characters, default=None)
    if longest is None:
        raise UserError("there is no text to learn from: choose files that hold some")
    begin, end = _divide(documents[longest], wanted)
    learnt = [*documents[:longest], begin, *documents[longest + 1 :]]
    return learnt, [end], f"the end of {end.path.name}"


def _choose(documents: Sequence[TextDocument], wanted: float, seed: int) -> set[int]:
    """Documents, drawn at random, of about the wanted length together; none where all are too long."""
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    chosen: set[int] = set()
    characters = 0
    for index in order:
        if characters + documents[index].characters <= 1.25 * wanted:
            chosen.add(index)
            characters += documents[index].characters
        if characters >= wanted:
            break
    return chosen if characters >= 0.5 * wanted else set()


def _divide(document: TextDocument, wanted: float) -> tuple[TextDocument, TextDocument]:
    """A document's beginning, and its end of about the wanted length, from where a paragraph begins if one does."""
    text = document.text
    target = len(text) - int(wanted)
    lowest, highest = target - int(wanted) // 2, target + int(wanted) // 2
    for border in ("\n\n", "\n", " "):
        after, before = text.find(border, target, highest), text.rfind(border, lowest, target)
        if after >= 0 or before >= 0:
            target = (after if after >= 0 else before) + len(border)
            break
    begin, end = text[:target].strip("\n"), text[target:].strip("\n")
    if not begin.strip() or not end.strip():
        raise UserError(
            f"{one_line(str(document.path))} is too short to hold a part of it out: add more text"
        )
    return TextDocument(document.path, begin), TextDocument(document.path, end)
