"""What a reading found: the texts, the files they are from, and what was left out and why. No screen, no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, overload

from core.reading.spool import Piece, Spool

MOST_NAMED: Final = 1000
"""Files left out whose names are kept; the rest is counted."""
FIRST_NAMES: Final = 5
"""Files that are named for each reason."""


class TextDocument:
    """One text, whole: a file, or a part of one."""

    __slots__ = ("_data", "characters", "part", "path")

    def __init__(self, path: Path, text: str, part: int | None = None, spool: Spool | None = None) -> None:
        """Keep `text`, which has no lone surrogates.

        Args:
            path: the file it is from.
            text: the text.
            part: its number in a file that holds several, from 0, such as the messages of a mailbox.
            spool: where to keep it; in memory without one.
        """
        self.path = path
        self.part = part
        self.characters = len(text)
        data = text.encode("utf-8")
        self._data: bytes | Piece = spool.keep(data) if spool is not None else data

    @property
    def text(self) -> str:
        """The text, made anew at each call."""
        data = self._data if isinstance(self._data, bytes) else self._data()
        return data.decode("utf-8")

    def __repr__(self) -> str:
        part = f", part {self.part}" if self.part is not None else ""
        return f"TextDocument({str(self.path)!r}{part}, {self.characters} characters)"


class Texts(Sequence[str]):
    """The texts of documents, each made anew when it is asked for, so that one at a time is in memory."""

    def __init__(self, documents: Sequence[TextDocument], change: Callable[[str], str] | None = None) -> None:
        """Take documents, and what is done to each text."""
        self._documents = documents
        self._change = change

    def __len__(self) -> int:
        return len(self._documents)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._text(document) for document in self._documents[index]]
        return self._text(self._documents[index])

    def _text(self, document: TextDocument) -> str:
        return self._change(document.text) if self._change is not None else document.text


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not learnt from."""

    path: Path
    """Where it is."""
    reason: str
    """Why, in a few words."""
    group: str = ""
    """The reason without what is this file's alone; empty where that is the reason itself."""


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


@dataclass
class Group:
    """Files that were left out for the same reason."""

    count: int = 0
    names: list[str] = field(default_factory=list[str])
    """Names of the first few."""


@dataclass(frozen=True)
class KindCount:
    """How much was read of a kind of file."""

    files: int
    characters: int


@dataclass
class Corpus:
    """All that was read."""

    documents: list[TextDocument] = field(default_factory=list[TextDocument])
    """The texts, in the order of their paths."""
    files: list[Source] = field(default_factory=list[Source])
    """The files they are from."""
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    """What was found and not used, the first thousand."""
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    """All that was found and not used, by reason."""
    remarks: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])
    """What is to be said of files that were used in part."""
    secrets: int = 0
    """Lines with a secret that were left out of the documents."""
    repeated: int = 0
    """Characters of paragraphs that were left out because they had been read before."""
    _kinds: Counter[str] = field(default_factory=Counter[str])
    _kind_characters: Counter[str] = field(default_factory=Counter[str])

    @property
    def characters(self) -> int:
        """Characters of all documents."""
        return sum(document.characters for document in self.documents)

    @property
    def left_out_count(self) -> int:
        """How many files were found and not used."""
        return sum(group.count for group in self.groups.values())

    @property
    def kinds(self) -> dict[str, KindCount]:
        """How much was read of each kind of file, most first."""
        order = self._kind_characters.most_common()
        return {kind: KindCount(self._kinds[kind], characters) for kind, characters in order}

    def add(self, kind: str, source: Source, documents: Iterable[TextDocument]) -> None:
        """Add a file that is learnt from."""
        self.documents.extend(documents)
        self.files.append(source)
        self._kinds[kind] += 1
        self._kind_characters[kind] += source.characters

    def leave_out(self, item: LeftOut) -> None:
        """Note a file that is not."""
        group = self.groups.setdefault(item.group or item.reason, Group())
        group.count += 1
        if len(group.names) < FIRST_NAMES:
            group.names.append(item.path.name)
        if len(self.left_out) < MOST_NAMED:
            self.left_out.append(item)

    def remark(self, path: Path, what: str) -> None:
        """Note something of a file, unless there is very much to say already."""
        if len(self.remarks) < MOST_NAMED:
            self.remarks.append((path, what))

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
