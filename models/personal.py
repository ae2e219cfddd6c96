"""What a model keeps of a person's own text: phrases, the documents they are from, and whom to trust when.

One file, `personal.safetensors`, holds all of it, so that it is replaced whole or not at all: the tables as tensors,
the documents as JSON in the header. It is checked like everything else in a checkpoint.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]

from models.blend import Blend
from models.errors import ModelError
from models.folder import open_regular, shown
from models.phrases import BOUNDARY, Phrases, Tokens, build_phrases, join
from models.placing import PERSONAL

MAX_HEADER: Final = 64 << 20
_GATE: Final = "gate."
_PARTIAL: Final = ".saving-"


@dataclass(frozen=True)
class KeptDocument:
    """A file whose text is in the memory."""

    path: str
    """Where it was read."""
    sha256: str
    """Hash of the file as it was, in hexadecimal."""
    modified: str
    """When it had last been changed, ISO 8601."""
    characters: int
    """Characters of it that are kept."""
    first: int
    """Place of its first boundary among the tokens."""
    last: int
    """Place of the boundary after it."""


Part = tuple[KeptDocument, Sequence[Tokens]]
"""A document (its place is worked out anew) and its texts' tokens, without boundaries."""


@dataclass(frozen=True)
class Personal:
    """A person's phrases and the documents they are from, which lie side by side in the phrases' tokens."""

    phrases: Phrases
    documents: tuple[KeptDocument, ...]
    blend: Blend | None = None
    """The gate fitted to this person's text; None where the one that ships serves."""

    def __post_init__(self) -> None:
        """Check that the documents are where they say, and nothing but documents."""
        at = 0
        for document in self.documents:
            if document.first != at or not at < document.last < len(self.phrases.tokens):
                raise ModelError("the memory's documents are not where they should be")
            if int(self.phrases.tokens[document.last]) != BOUNDARY:
                raise ModelError("the memory's documents end where none does")
            at = document.last
        if at != len(self.phrases.tokens) - 1:
            raise ModelError("the memory holds text of no document")

    def document_at(self, place: int) -> KeptDocument | None:
        """Return the document that a token at a place is of."""
        low, high = 0, len(self.documents)
        while low < high:
            middle = (low + high) // 2
            if self.documents[middle].last <= place:
                low = middle + 1
            else:
                high = middle
        return self.documents[low] if low < len(self.documents) else None

    def tokens_of(self, document: KeptDocument) -> Tokens:
        """Return a document's tokens, its first boundary and those between its parts included."""
        return self.phrases.tokens[document.first : document.last]

    def part_of(self, document: KeptDocument) -> Part:
        """Return a document as a part of another memory."""
        tokens = self.tokens_of(document)
        starts = np.flatnonzero(tokens == BOUNDARY)
        return document, [piece[1:] for piece in np.split(tokens, starts[1:])]


def assemble(parts: Sequence[Part], vocabulary: int, blend: Blend | None = None) -> Personal:
    """Count the phrases of documents, in their order."""
    texts: list[Tokens] = []
    documents: list[KeptDocument] = []
    at = 0
    for document, pieces in parts:
        length = sum(len(piece) + 1 for piece in pieces)
        if not length:
            continue
        documents.append(replace(document, first=at, last=at + length))
        texts.extend(pieces)
        at += length
    return Personal(build_phrases(join(texts, vocabulary), vocabulary), tuple(documents), blend)


def save_personal(folder: Path, personal: Personal) -> None:
    """Put what is kept of a person's text into a checkpoint's folder, in place of what was there.

    Raises:
        OSError, SafetensorError: when it cannot be written; what was there is intact.
    """
    tables = dict(personal.phrases.arrays)
    if personal.blend is not None:
        tables |= {_GATE + name: array for name, array in personal.blend.arrays.items()}
    header = {"documents": json.dumps([asdict(document) for document in personal.documents])}
    handle, name = tempfile.mkstemp(prefix=_PARTIAL, dir=folder)
    os.close(handle)
    partial = Path(name)
    try:
        save_file({name: np.ascontiguousarray(array) for name, array in tables.items()}, partial, header)
        partial.chmod(0o600)
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.replace(folder / PERSONAL)
    finally:
        partial.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Delete what a process left in a checkpoint's folder that was killed while it saved: it is a person's words.

    Only who alone may change the folder can tell that nobody is saving just now.

    Raises:
        OSError: when it cannot be deleted.
    """
    for left in folder.glob(f"{_PARTIAL}*"):
        left.unlink(missing_ok=True)


def load_personal(folder: Path, vocabulary: int) -> Personal | None:
    """Map what a checkpoint keeps of a person's text; None where it keeps nothing.

    Raises:
        ModelError: when the file cannot be read, is not sound, or is of another vocabulary.
    """
    file = folder / PERSONAL
    if not os.path.lexists(file):
        return None
    try:
        arrays, header = _read(file)
        phrases = Phrases({name: array for name, array in arrays.items() if not name.startswith(_GATE)})
        if phrases.vocabulary != vocabulary:
            raise ModelError("it is of another vocabulary")
        gate = {name[len(_GATE) :]: array for name, array in arrays.items() if name.startswith(_GATE)}
        return Personal(phrases, _documents(header), Blend(gate) if gate else None)
    except ModelError as error:
        raise ModelError(f"{PERSONAL}: {error}") from error


def _read(file: Path) -> tuple[dict[str, Any], Mapping[str, str]]:
    with open_regular(file) as stream:
        if int.from_bytes(stream.read(8), "little") > MAX_HEADER:
            raise ModelError("its header is too long")
    try:
        with safe_open(file, framework="pt", device="cpu") as opened:  # pyright: ignore[reportUnknownVariableType]
            reader = cast("Any", opened)
            arrays = {name: reader.get_tensor(name).numpy() for name in reader.keys()}  # noqa: SIM118
            return arrays, cast("Mapping[str, str]", reader.metadata() or {})
    except (OSError, SafetensorError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"it is not readable ({shown(error)})") from error


def _documents(header: Mapping[str, str]) -> tuple[KeptDocument, ...]:
    try:
        entries = json.loads(header["documents"])
        documents = tuple(KeptDocument(**entry) for entry in entries)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError("it does not say what its documents are") from error
    kinds = {"path": str, "sha256": str, "modified": str, "characters": int, "first": int, "last": int}
    for document in documents:
        if any(type(getattr(document, name)) is not kind for name, kind in kinds.items()):
            raise ModelError("it does not say what its documents are")
    return documents
