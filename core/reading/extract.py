"""From a file's bytes to the texts in it, each kind by the module that knows it. Needs no screen and no torch."""

from __future__ import annotations

import codecs
import re
from typing import Final

from core.reading import markdown, notebooks, plain
from core.reading.kinds import Kind
from core.reading.limits import Unusable
from core.reading.mail import Letter, parse
from core.reading.pandoc import Pandoc
from core.reading.pdf import PdfReader
from core.reading.text import clean, documents_in, text_of

_BY_PANDOC: Final = {
    Kind.RST: "rst",
    Kind.ORG: "org",
    Kind.LATEX: "latex",
    Kind.HTML: "html",
    Kind.RTF: "rtf",
    Kind.FICTION_BOOK: "fb2",
    Kind.DOCX: "docx",
    Kind.ODT: "odt",
    Kind.EPUB: "epub",
}
_ARCHIVES: Final = frozenset({Kind.DOCX, Kind.ODT, Kind.EPUB})
_MARKED_UP: Final = frozenset({Kind.HTML, Kind.FICTION_BOOK})
_DECLARED: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9._-]{2,30})", re.IGNORECASE)


class Extractor:
    """Takes texts out of files; keeps the helpers that it started until it is closed."""

    def __init__(self) -> None:
        self._pandoc = Pandoc()
        self._pdf = PdfReader()

    def texts_of(self, data: bytes, kind: Kind) -> list[str]:
        """Return the texts in a file, several where form feeds set them apart; none where it is empty.

        Args:
            data: the file, expanded.
            kind: what it is; neither mail nor a mailbox.

        Raises:
            Unusable: when it cannot be read.
        """
        if not data:
            return []
        match kind:
            case Kind.PLAIN | Kind.MARKDOWN | Kind.CODE:
                texts = documents_in(text_of(data))
                read = {Kind.PLAIN: plain.prose_of, Kind.MARKDOWN: markdown.prose_of}.get(kind)
                return [read(text) for text in texts] if read is not None else texts
            case Kind.NOTEBOOK:
                return [notebooks.prose_of(data)]
            case Kind.PDF:
                return [clean(self._pdf.prose_of(data))]
            case _:
                source = data if kind in _ARCHIVES else _in_utf8(data, kind)
                return [clean(self._pandoc.prose_of(source, _BY_PANDOC[kind]))]

    def letter_of(self, data: bytes) -> Letter:
        """Return what a message holds.

        Raises:
            Unusable: when it cannot be read.
        """
        return parse(data, lambda page: self._pandoc.prose_of(page, "mail"))

    def close(self) -> None:
        """End the helpers."""
        self._pandoc.close()
        self._pdf.close()


def _in_utf8(data: bytes, kind: Kind) -> bytes:
    """Return marked-up text in UTF-8, from the encoding that it says it is in, if it does."""
    if kind in _MARKED_UP and (found := _DECLARED.search(data[:2048])) is not None:
        try:
            name = codecs.lookup(found[1].decode("ascii")).name
            if name not in ("utf-8", "utf-16", "utf-16-le", "utf-16-be"):
                return data.decode(name).encode("utf-8", "replace")
        except (LookupError, ValueError):
            pass  # what it is not
    if kind is Kind.RTF and not data.lstrip().startswith(b"{\\rtf"):
        raise Unusable("damaged: it is no RTF")
    return text_of(data).encode("utf-8", "replace")
