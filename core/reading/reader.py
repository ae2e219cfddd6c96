"""One reading of files and folders: what is found, what of it is learnt from, and what not. No screen, no torch."""

from __future__ import annotations

import contextlib
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from core.errors import UserError
from core.reading import files, mailboxes, prose
from core.reading.duplicates import Duplicates
from core.reading.extract import Extractor
from core.reading.files import Found, Opened, Walker
from core.reading.found import Corpus, LeftOut, Source, TextDocument
from core.reading.ignore import Excluded
from core.reading.kinds import Kind, archive_kind, kind_of
from core.reading.limits import Unusable
from core.reading.mail import addresses_of
from core.reading.secrets import without_secrets
from core.reading.spool import Spool
from core.text import one_line

_PROGRESS_SECONDS: Final = 0.1
_START_BYTES: Final = 4096
_HASH_BYTES: Final = 1 << 20

Progress = Callable[[int, int], None]
"""Takes the files and the characters read so far."""


class Reader:
    """Reads paths, one after the other, into one corpus."""

    def __init__(
        self, excluded: Excluded, addresses: Collection[str] = (), progress: Progress | None = None
    ) -> None:
        """Take what is not to be read.

        Args:
            excluded: files, folders and names.
            addresses: mail of the owner's is from one of these, in lower case; empty where it is not known.
            progress: called while reading, at most ten times a second, and at the end.
        """
        self.corpus = Corpus()
        self._extractor = Extractor()
        self._walker = Walker(excluded)
        self._addresses = addresses
        self._duplicates = Duplicates()
        self._spool = Spool()
        self._seen: dict[bytes, Path] = {}
        self._progress = progress
        self._characters = 0
        self._told = 0.0

    def close(self) -> None:
        """End what helped."""
        self._extractor.close()

    def know(self, file: Path) -> None:
        """Remember a file's text without learning from it: what is a copy of it is left out, too."""
        with contextlib.suppress(Unusable), files.open_file(file) as opened:
            start = _start(opened)
            kind = kind_of(file, start, is_named=True, in_maildir=False)
            if kind in (Kind.MAILBOX, Kind.MESSAGE):
                return
            data, digest = files.read_all(opened)
            self._seen[digest] = file
            for text in self._extractor.texts_of(files.expanded(file, data), kind):
                self._duplicates.nearly_in(prose.tidy(text), file)

    def read(self, asked: Path) -> None:
        """Read one path that was named.

        Raises:
            UserError: when it is not there, or nothing of it can be used.
        """
        path = files.named(asked)
        before, left_before = len(self.corpus.documents), self.corpus.left_out_count
        first: LeftOut | None = None
        for found in self._walker.walk(path):
            left = self._take(found, is_named=found.path == path)
            if left is not None:
                first = first or left
                self.corpus.leave_out(left)
            self.tell()
        if len(self.corpus.documents) == before and first is not None:
            raise UserError(_nothing_in(asked, path, first, self.corpus.left_out_count - left_before))
        if not self.corpus.documents:
            raise UserError(f"{one_line(str(asked))} holds no text: name a file, or a folder that has some")

    def _take(self, found: Found, *, is_named: bool) -> LeftOut | None:
        """Add what is in a file; return why not where it cannot be used."""
        file = found.path
        if found.problem is not None:
            return LeftOut(file, found.problem)
        try:
            with files.open_file(file) as opened:
                start = _start(opened)
                kind = kind_of(file, start, is_named=is_named, in_maildir=found.in_maildir)
                if kind is Kind.MAILBOX:
                    return self._take_mailbox(file, opened)
                return self._take_file(file, opened, kind)
        except _Copy as copy:
            return LeftOut(file, str(copy), copy.group)
        except Unusable as error:
            reason = str(error)
            return LeftOut(file, reason, "no prose, by their kind" if reason.endswith("are no prose") else "")
        except RecursionError:
            return LeftOut(file, "more deeply nested than can be read")

    def _take_file(self, file: Path, opened: Opened, kind: Kind) -> None:
        data, digest = files.read_all(opened)
        self._refuse_copy(file, digest)
        data = files.expanded(file, data)
        if kind is Kind.PLAIN and data.startswith(b"PK"):
            kind = archive_kind(data) or kind
        if kind is Kind.MESSAGE:
            letter = self._extractor.letter_of(data)
            if not mailboxes.is_own(letter.sender, self._addresses):
                raise Unusable("mail of somebody else")
            texts = [letter.text]
        else:
            texts = self._extractor.texts_of(data, kind)
        if not any(text.strip() for text in texts):
            raise Unusable("empty" if kind in (Kind.PLAIN, Kind.CODE) or not data else "no prose in it")
        parts = range(len(texts)) if len(texts) > 1 else [None]
        documents = self._documents(file, zip(texts, parts, strict=True), as_it_is=kind is Kind.CODE)
        self._add(file, opened, kind, digest, documents)
        return None

    def _take_mailbox(self, file: Path, opened: Opened) -> None:
        if file.suffix.lower() in files.COMPRESSED:
            data, digest = files.read_all(opened)
            stream: BinaryIO = io.BytesIO(files.expanded(file, data))
        else:
            stream, digest = opened.stream, _digest(opened)
        self._refuse_copy(file, digest)
        addresses = self._addresses or mailboxes.owners(addresses_of(data) for data, _ in _messages(stream))
        counts: Counter[str] = Counter()
        documents = self._documents(file, self._own_letters(stream, addresses, counts))
        for what in ("of somebody else", "damaged or too large"):
            if counts[what]:
                self.corpus.remark(file, f"{counts[what]:,} of {counts['all']:,} messages are {what}")
        self._add(file, opened, Kind.MAILBOX, digest, documents)

    def _own_letters(
        self, stream: BinaryIO, addresses: Collection[str] | None, counts: Counter[str]
    ) -> Iterator[tuple[str, int]]:
        """Yield the owner's words in each message and its number, and count what is met."""
        for number, (data, is_whole) in enumerate(_messages(stream)):
            counts["all"] += 1
            self.tell()
            if not mailboxes.is_own(addresses_of(data)[0], addresses):
                counts["of somebody else"] += 1
                continue
            counts["damaged or too large"] += not is_whole
            try:
                yield self._extractor.letter_of(data).text, number
            except Unusable:
                counts["damaged or too large"] += is_whole

    def _refuse_copy(self, file: Path, digest: bytes) -> None:
        if (same := self._seen.setdefault(digest, file)) is not file:
            raise _Copy("the same text as", same)

    def _documents(
        self, file: Path, texts: Iterable[tuple[str, int | None]], *, as_it_is: bool = False
    ) -> list[TextDocument]:
        """Return what is learnt of a file's texts.

        Raises:
            Unusable: when it is nothing.
        """
        documents: list[TextDocument] = []
        copied: Path | None = None
        had_words = False
        for text, part in texts:
            if not text.strip():
                continue
            if as_it_is:
                plain, secrets = without_secrets(text)
                paragraphs = [plain]
            else:
                plain, secrets = without_secrets(prose.tidy(text))
                paragraphs = prose.paragraphs(plain)
            self.corpus.secrets += secrets
            if not any(paragraphs):
                continue
            had_words = True
            if (same := self._duplicates.nearly_in("\n\n".join(paragraphs), file)) is not None:
                copied = same
                continue
            new = self._duplicates.without_repeated(paragraphs)
            self.corpus.repeated += sum(map(len, paragraphs)) - sum(map(len, new))
            if new:
                documents.append(TextDocument(file, "\n\n".join(new), part, self._spool))
                self._characters += documents[-1].characters
        if documents:
            return documents
        if copied is not None:
            raise _Copy("nearly the same text as", copied)
        raise Unusable("nothing in it that was not read before" if had_words else "no prose in it")

    def _add(
        self, file: Path, opened: Opened, kind: Kind, digest: bytes, documents: Sequence[TextDocument]
    ) -> None:
        characters = sum(document.characters for document in documents)
        when = datetime.fromtimestamp(opened.modified, UTC).isoformat(timespec="seconds")
        self.corpus.add(kind.value, Source(file, characters, digest.hex(), when), documents)

    def tell(self, *, last: bool = False) -> None:
        """Report how far the reading is, not too often."""
        if self._progress is not None and (last or time.monotonic() - self._told >= _PROGRESS_SECONDS):
            self._told = time.monotonic()
            self._progress(len(self.corpus.files), self._characters)


class _Copy(Unusable):
    """A file whose text was read before."""

    def __init__(self, how: str, of: Path) -> None:
        super().__init__(f"{how} {of}")
        self.group = f"{how} another file"


def _start(opened: Opened) -> bytes:
    try:
        start = opened.stream.read(_START_BYTES)
        opened.stream.seek(0)
    except OSError as error:
        raise Unusable(files.why(error)) from error
    return start


def _digest(opened: Opened) -> bytes:
    whole = hashlib.sha256()
    try:
        while part := opened.stream.read(_HASH_BYTES):
            whole.update(part)
    except OSError as error:
        raise Unusable(files.why(error)) from error
    return whole.digest()


def _messages(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    try:
        stream.seek(0)
        yield from mailboxes.messages(stream)
    except OSError as error:
        raise Unusable(files.why(error)) from error


def _nothing_in(asked: Path, path: Path, first: LeftOut, count: int) -> str:
    """The line that says why a named path gave nothing."""
    shown = one_line(str(asked))
    if first.path == path:
        return f"{shown} cannot be used: {one_line(first.reason)}"
    name, reason = one_line(first.path.name), one_line(first.reason)
    more = f" and {count - 1:,} more" if count > 1 else ""
    return f"{shown} holds no text that can be used; left out: {name} ({reason}){more}"
