"""The child that reads PDFs, with PDFium: `python -P -m core.reading.pdf_worker`, asked by core/reading/pdf.py.

Needs no screen and no torch. PDFium is a browser's, fast and used to broken files, but native code: so it works here,
with limits that the system enforces, where nothing can be lost.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2 as pdfium  # pyright: ignore[reportMissingTypeStubs]
import pypdfium2.raw as raw  # pyright: ignore[reportMissingTypeStubs]

from core.reading.limits import MAX_TEXT_BYTES
from core.reading.pdf_layout import Line, prose_of

MAX_PAGES: Final = 5000
_MONO: Final = ("mono", "courier", "typewriter", "consol", "code", "cmtt", "menlo", "fixed")


def read(data: bytes) -> str:
    """Return the prose of a PDF.

    Raises:
        pdfium.PdfiumError: when it is none, or encrypted.
    """
    document = pdfium.PdfDocument(data)
    try:
        lines: list[Line] = []
        heights: list[float] = []
        characters = 0
        for number in range(min(len(document), MAX_PAGES)):
            page = document[number]
            text_page = page.get_textpage()
            heights.append(page.get_height())
            for line in _lines(text_page, number):
                characters += len(line.text)
                lines.append(line)
            text_page.close()
            page.close()
            if characters > MAX_TEXT_BYTES // 4:
                break
        return prose_of(lines, heights)
    finally:
        document.close()


def _lines(text_page: Any, number: int) -> Iterator[Line]:
    text: str = text_page.get_text_range()
    start = 0
    for part in text.split("\r\n"):
        words = part.strip()
        if words:
            first = start + part.index(words[0])
            last = first + len(words) - 1
            yield _line(text_page, number, words, first, last)
        start += len(part) + 2


def _line(text_page: Any, number: int, words: str, first: int, last: int) -> Line:
    left, _, _, _ = text_page.get_charbox(first)
    _, _, right, _ = text_page.get_charbox(last)
    middle = (first + last) // 2
    return Line(
        text=words,
        page=number,
        left=left,
        right=right,
        top=_base_line(text_page, first),
        bottom=_base_line(text_page, last),
        size=raw.FPDFText_GetFontSize(text_page, middle),
        mono=all(_is_mono(text_page, index) for index in (first, middle, last)),
    )


def _base_line(text_page: Any, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, index, x, y)
    return y.value


def _is_mono(text_page: Any, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(text_page, index, name, 128, ctypes.c_int())
    return any(part in name.value.decode("utf-8", "replace").lower() for part in _MONO)


def answer(data: bytes) -> tuple[str, bytes]:
    """Return the verdict on a document, and its prose or what is wrong with it."""
    try:
        return "ok", read(data).encode("utf-8", "replace")
    except pdfium.PdfiumError as error:
        return "no", b"encrypted" if "password" in str(error).lower() else b"damaged"
    except (ValueError, IndexError, OSError, RecursionError):
        return "no", b"damaged"


def main() -> None:
    """Answer requests until there are no more."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    while header := source.readline(64).split():
        verdict, text = answer(source.read(int(header[1])))
        out.write(f"{verdict} {len(text)}\n".encode() + text)
        out.flush()


if __name__ == "__main__":
    main()
