"""Texts to learn from: read from files and folders, cleaned, and split into what is learnt and what is held out.

Needs no screen and no torch. Documents are kept as UTF-8, a byte for most characters, so that a large collection
takes the room of its files.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.corpus_files import Unusable, is_same_or_below, named, read_bytes, walk
from core.corpus_text import documents_of
from core.errors import UserError
from core.text import one_line

MIN_CHARACTERS: Final = 2_000
"""Fewer characters than this are not worth training on."""
SHARE_HELD_OUT: Final = 0.05
LEAST_HELD_OUT: Final = 5_000
"""Characters held out of a short text, if that is no more than SHARE_OF_SHORT of it: fewer measure only noise."""
SHARE_OF_SHORT: Final = 0.15
MOST_HELD_OUT: Final = 1_000_000
"""More characters do not measure better, they are only lost to learning."""
_PROGRESS_SECONDS: Final = 0.1


class TextDocument:
    """One text, whole: a file, or a part of one that form feeds set apart."""

    __slots__ = ("_data", "characters", "path")

    def __init__(self, path: Path, text: str) -> None:
        """Keep `text`, which is from the file at `path` and has no lone surrogates."""
        self.path = path
        self.characters = len(text)
        self._data = text.encode("utf-8")

    @property
    def text(self) -> str:
        """The text, made anew at each call."""
        return self._data.decode("utf-8")

    def __repr__(self) -> str:
        return f"TextDocument({str(self.path)!r}, {self.characters} characters)"


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not learnt from."""

    path: Path
    """Where it is."""
    reason: str
    """Why, in a few words."""


@dataclass(frozen=True)
class Source:
    """A file that is learnt from."""

    path: Path
    """Where it is."""
    characters: int
    """Characters of it that are used."""
    sha256: str
    """Hash of the file as it lies on the disk."""
    modified: str
    """When it was last changed, ISO 8601 in UTC."""


@dataclass(frozen=True)
class Corpus:
    """All that was read."""

    documents: list[TextDocument] = field(default_factory=list[TextDocument])
    """The texts, in the order of their paths."""
    files: list[Source] = field(default_factory=list[Source])
    """The files they are from."""
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    """What was found and not used."""

    @property
    def characters(self) -> int:
        """Characters of all documents."""
        return sum(document.characters for document in self.documents)

    def sources(self) -> list[dict[str, object]]:
        """The files as a model's card names them."""
        return [
            {
                "path": str(file.path),
                "characters": file.characters,
                "sha256": file.sha256,
                "modified": file.modified,
            }
            for file in self.files
        ]


Progress = Callable[[int, int], None]
"""Takes the files and the characters read so far."""


def read_paths(
    paths: Iterable[str | Path],
    exclude: Iterable[str | Path] = (),
    progress: Progress | None = None,
    *,
    least: int = MIN_CHARACTERS,
) -> Corpus:
    """Read files, and folders with all below them, in the order of their names.

    Args:
        paths: files and folders. What is named must be usable; within a folder the rest is used where something
            is not.
        exclude: files and folders that are not read, wherever they are found.
        progress: called while reading, at most ten times a second, and at the end.
        least: characters that must be found in all.

    Raises:
        UserError: when a named path cannot be used, nothing is there to read, or it is less than `least`.
    """
    reader = _Reader([Path(path) for path in exclude], progress)
    asked = [Path(path) for path in paths]
    for path in asked:
        reader.read(path)
    reader.tell(last=True)
    corpus = reader.corpus
    if corpus.characters < least:
        where = one_line(", ".join(str(path) for path in asked[:3])) + (" ..." if len(asked) > 3 else "")
        raise UserError(
            f"{where}: {corpus.characters:,} characters are too few to learn from; at least {least:,} are needed"
        )
    return corpus


class _Reader:
    """One reading of several paths: what was seen, what was found."""

    def __init__(self, exclude: Sequence[Path], progress: Progress | None) -> None:
        self.corpus = Corpus()
        self._exclude = [path.resolve() for path in exclude]
        self._seen: dict[bytes, Path] = {}
        self._visited: set[tuple[int, int]] = set()
        for path in self._exclude:
            with contextlib.suppress(Unusable):  # a copy of what is excluded is left out too
                self._seen[read_bytes(path, is_named=True)[1]] = path
        self._progress = progress
        self._characters = 0
        self._told = 0.0

    def read(self, asked: Path) -> None:
        """Read one path that was named."""
        path = named(asked)
        found = len(self.corpus.documents)
        refused: list[LeftOut] = []
        for file, problem in walk(path, self._visited):
            if problem is None:
                problem = self._take(file, is_named=file == path)
            if problem is not None:
                refused.append(LeftOut(file, problem))
        self.corpus.left_out.extend(refused)
        if len(self.corpus.documents) == found and refused:
            raise UserError(_nothing_in(asked, path, refused))
        if not self.corpus.documents:
            raise UserError(f"{one_line(str(asked))} holds no text: name a file, or a folder that has some")

    def _take(self, file: Path, *, is_named: bool) -> str | None:
        """Add a file's documents; return why not where it cannot be used."""
        if any(is_same_or_below(file, excluded) for excluded in self._exclude):
            return "kept out as you asked"
        try:
            data, digest, modified = read_bytes(file, is_named=is_named)
            if (same := self._seen.setdefault(digest, file)) is not file:
                return f"the same text as {same}"
            texts = documents_of(data, file)
        except Unusable as error:
            return str(error)
        documents = [TextDocument(file, text) for text in texts]
        characters = sum(document.characters for document in documents)
        when = datetime.fromtimestamp(modified, UTC).isoformat(timespec="seconds")
        self.corpus.documents.extend(documents)
        self.corpus.files.append(Source(file, characters, digest.hex(), when))
        self._characters += characters
        self.tell()
        return None

    def tell(self, *, last: bool = False) -> None:
        """Report how far the reading is, not too often."""
        if self._progress is not None and (last or time.monotonic() - self._told >= _PROGRESS_SECONDS):
            self._told = time.monotonic()
            self._progress(len(self.corpus.files), self._characters)


def _nothing_in(asked: Path, path: Path, refused: Sequence[LeftOut]) -> str:
    """The line that says why a named path gave nothing."""
    shown = one_line(str(asked))
    if refused[0].path == path:
        return f"{shown} cannot be used: {refused[0].reason}"
    name, reason = one_line(refused[0].path.name), one_line(refused[0].reason)
    more = f" and {len(refused) - 1:,} more" if len(refused) > 1 else ""
    return f"{shown} holds no text that can be used; left out: {name} ({reason}){more}"


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
