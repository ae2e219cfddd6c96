"""Having a version remember files as they are on the disk now. Needs no screen; needs torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from core.library.personal import add_documents, own_files
from core.reading.corpus import Corpus
from models.checkpoint import load_checkpoint, replace_personal
from models.personal import Personal


def remember_saved(folder: Path, read: Iterable[Corpus]) -> Personal | None:
    """Have a version remember what was read, in place of what it remembered of the same files.

    Returns:
        What it remembered before; None where it was nothing.

    Raises:
        ModelError: when the version is damaged, or cannot be changed; then it remembers what it did.
    """
    checkpoint = load_checkpoint(folder)
    files = [file for corpus in read for file in own_files(corpus.documents, corpus.files)]
    folding = checkpoint.card.get("folding") == "ascii"
    replace_personal(folder, add_documents(checkpoint.personal, files, checkpoint.tokenizer, folding=folding))
    return checkpoint.personal
