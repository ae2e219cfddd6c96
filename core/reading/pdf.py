"""PDF to prose, read by a child process. Needs no screen and no torch."""

from __future__ import annotations

import sys
from typing import Final

from core.reading.helper import Helper, Refused
from core.reading.limits import Unusable

SECONDS: Final = 60.0
"""For one document; PDFium takes a millisecond or two a page."""
REPLACED_AFTER: Final = 256 << 20
"""Bytes that one process reads."""


class PdfReader:
    """Reads PDFs, one after the other."""

    def __init__(self) -> None:
        self._helper: Helper | None = None

    def prose_of(self, data: bytes) -> str:
        """Return the prose in a PDF.

        Raises:
            Unusable: when it is damaged, encrypted, or has no text but pictures of it.
        """
        if b"%PDF-" not in data[:1024]:
            raise Unusable("damaged: it is no PDF")
        if self._helper is None:
            self._helper = Helper([sys.executable, "-P", "-m", "core.reading.pdf_worker"], REPLACED_AFTER)
        try:
            text = self._helper.ask("pdf", data, SECONDS).decode("utf-8", "replace")
        except Refused as error:
            encrypted = str(error) == "encrypted"
            raise Unusable("encrypted" if encrypted else "damaged: it is no sound PDF") from error
        if not text.strip():
            raise Unusable("no running text in it: pictures of pages are not read")
        return text

    def close(self) -> None:
        """End the process."""
        if self._helper is not None:
            self._helper.close()
