"""Which of a person's documents a new version remembers, and which its parent may remember in a fair comparison.

Needs no screen. A version remembers what its parent did and what it learnt, but never what is held out: a memory that
has the text that it is measured on proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from core.library.personal import add_documents, kept_document, own_files
from core.reading.corpus import Source, TextDocument
from core.sources import kept_as, known_as
from models.personal import Personal, assemble
from models.tokenizers import Tokenizer

MOST_REMEMBERED = 40_000_000
"""Characters that a memory is made of at once: counting their phrases takes about a gigabyte."""


def newest(learnt: Sequence[TextDocument], sources: Sequence[Source]) -> list[TextDocument]:
    """Return what a memory is made of: all, or of very much text the files that were changed last."""
    changed = {source.path: source.modified for source in sources}
    kept: set[Path] = set()
    room = MOST_REMEMBERED
    for document in sorted(learnt, key=lambda document: changed.get(document.path, ""), reverse=True):
        room -= document.characters
        if room < 0 and kept and document.path not in kept:
            break
        kept.add(document.path)
    return [document for document in learnt if document.path in kept]


def remember(
    parent: Personal | None,
    learnt: Sequence[TextDocument],
    sources: Sequence[Source],
    unwanted: Collection[str],
    tokenizer: Tokenizer,
    *,
    folding: bool,
) -> Personal:
    """Return the memory of a new version.

    Args:
        parent: what the parent remembers.
        learnt: the documents that are learnt.
        sources: the files they are from.
        unwanted: files and folders that must not be remembered from the parent: held out, or to be forgotten.
        tokenizer: the network's.
        folding: whether the network reads folded text.
    """
    kept = parent and without(parent, unwanted)
    return add_documents(kept, own_files(learnt, sources), tokenizer, folding=folding)


def without(personal: Personal, paths: Collection[str]) -> Personal:
    """Return a memory that knows no file of these paths, or below them; those it never knew do not matter."""
    unwanted = {Path(known_as(path)) for path in paths}
    kept = [each for each in personal.documents if not _is_below(each.path, unwanted)]
    if len(kept) == len(personal.documents):
        return personal
    return assemble([personal.part_of(each) for each in kept], personal.phrases.vocabulary, personal.blend)


def fair(parent: Personal | None, after: Personal | None, held_out: Collection[str]) -> Personal | None:
    """Return what a parent remembers when it is measured beside its child.

    Of files that are held out, in whole or in part, it knows what the child knows: all else would be either text
    that it is measured on, or an advantage of the child's that no training brought.
    """
    if parent is None:
        return None
    shortened = without(parent, held_out)
    if shortened is parent:
        return parent
    parts = [shortened.part_of(each) for each in shortened.documents]
    for path in held_out:
        known = kept_document(after, path) if after is not None else None
        if after is not None and known is not None and kept_document(parent, path) is not None:
            parts.append(after.part_of(known))
    return assemble(parts, parent.phrases.vocabulary, parent.blend)


def _is_below(path: str, folders: Collection[Path]) -> bool:
    whole = Path(kept_as(path))
    return whole in folders or any(folder in folders for folder in whole.parents)
