"""The memory of a person's own text: building it, adding to it, forgetting, and saying where a phrase is from.

Needs no screen. The memory is part of a model's version (`Checkpoint.personal`, saved by `save_checkpoint`, replaced
in place by `models.personal.save_personal`); every function here returns a new one and changes nothing. It depends
on the texts that are in it and on nothing else: a memory that forgot a document is, byte for byte, the one that
never had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import UserError
from core.prediction.folding import fold
from core.reading.corpus import Source, TextDocument, Texts
from core.sources import kept_as, known_as
from core.text import one_line
from models.personal import KeptDocument, Part, Personal, assemble
from models.tokenizers import Tokenizer

__all__ = ["OwnFile", "add_documents", "build_memory", "forget_document", "kept_document", "own_files"]


@dataclass(frozen=True)
class OwnFile:
    """A file of the person's, read: what there is to remember of it."""

    path: str
    """Where it lies."""
    sha256: str
    """Hash of the file, in hexadecimal."""
    modified: str
    """When it was last changed, ISO 8601 in UTC."""
    texts: Sequence[str]
    """Its text, or several where it holds several documents; each may be made anew when it is asked for."""


def own_files(documents: Iterable[TextDocument], sources: Iterable[Source]) -> list[OwnFile]:
    """Return files to remember, in the order of the documents.

    Args:
        documents: the texts that may be remembered: those that are learnt, never those held out.
        sources: the files that they are from (`Corpus.files`).
    """
    found: dict[str, list[TextDocument]] = {}
    for document in documents:
        found.setdefault(str(document.path), []).append(document)
    known = {str(source.path): source for source in sources}
    return [
        OwnFile(path, known[path].sha256, known[path].modified, Texts(parts)) for path, parts in found.items()
    ]


def build_memory(files: Sequence[OwnFile], tokenizer: Tokenizer, *, folding: bool) -> Personal:
    """Return the memory of files; takes about a second a megabyte, most of it for the tokenizer.

    Args:
        files: what to remember.
        tokenizer: the network's.
        folding: whether the network reads folded text (the card's `folding` is "ascii").
    """
    return assemble(_parts(files, tokenizer, folding), tokenizer.size)


def add_documents(
    personal: Personal | None, files: Sequence[OwnFile], tokenizer: Tokenizer, *, folding: bool
) -> Personal:
    """Return a memory that knows files too; one that it knew already under the same path is replaced."""
    if personal is None:
        return build_memory(files, tokenizer, folding=folding)
    paths = {kept_as(file.path) for file in files}
    kept = [personal.part_of(each) for each in personal.documents if kept_as(each.path) not in paths]
    return assemble([*kept, *_parts(files, tokenizer, folding)], tokenizer.size, personal.blend)


def forget_document(personal: Personal, path: str | Path) -> Personal:
    """Return a memory that does not know a document; equal, byte for byte, to one that never knew it.

    The fitted gate stays: it holds no text, some hundred weights say how far memory is trusted.

    Raises:
        UserError: when no document of that path is remembered.
    """
    gone = kept_document(personal, path)
    if gone is None:
        raise UserError(f"{one_line(str(path))} is not in this model's memory: see what it was trained on")
    kept = [personal.part_of(document) for document in personal.documents if document is not gone]
    return assemble(kept, personal.phrases.vocabulary, personal.blend)


def kept_document(personal: Personal, path: str | Path) -> KeptDocument | None:
    """Return the document of a path that the memory holds; None where there is none."""
    wanted = known_as(path)
    return next((each for each in personal.documents if kept_as(each.path) == wanted), None)


def _parts(files: Sequence[OwnFile], tokenizer: Tokenizer, folding: bool) -> list[Part]:
    kind = np.uint16 if tokenizer.size <= 1 << 16 else np.uint32
    texts = (fold(text) if folding else text for file in files for text in file.texts)
    encoded = tokenizer.encode_each(texts)
    parts: list[Part] = []
    for file in files:
        characters = sum(map(len, file.texts))
        document = KeptDocument(file.path, file.sha256, file.modified, characters, 0, 0)
        parts.append((document, [next(encoded).astype(kind) for _ in range(len(file.texts))]))
    return parts
