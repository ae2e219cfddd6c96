"""From a file's bytes to its characters: decoded, with plain line ends, without controls. No screen, no torch."""

from __future__ import annotations

import re
from typing import Final

from core.drafts.encodings import decode
from core.errors import UserError
from core.reading.limits import Unusable

MOST_CONTROLS: Final = 0.01
"""Share of control characters above which a file is no text."""
_SAMPLE: Final = 1 << 20
"""Characters in which control characters are counted."""

_CONTROLS: Final = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_DOCUMENT_BREAK: Final = re.compile(r"\n[ \t]*\f[ \t]*(?=\n|\Z)")
_BLANK_START: Final = re.compile(r"\A(?:[^\S\n]*\n)+")


def text_of(data: bytes) -> str:
    """Return a file's text: line feeds alone end lines; no other controls but tabs and form feeds; no surrogates.

    Raises:
        Unusable: when it is no text.
    """
    return clean(_decoded(data))


def documents_in(text: str) -> list[str]:
    """Return what form feeds on lines of their own set apart in a text, without what is blank."""
    parts = _DOCUMENT_BREAK.split("\n" + text) if "\f" in text else [text]
    trimmed = (_BLANK_START.sub("", part.replace("\f", "\n").rstrip()) for part in parts)
    return [document for document in trimmed if document]


def _decoded(data: bytes) -> str:
    try:
        text, _ = decode(data, "")
    except UserError as error:
        # Text in an 8-bit encoding in which a NUL or two have strayed.
        if data.count(b"\0") > MOST_CONTROLS * len(data):
            raise Unusable("a binary file") from error
        try:
            text, _ = decode(data.replace(b"\0", b""), "")
        except UserError:
            raise Unusable("a binary file") from error
    sample = text[:_SAMPLE]
    if len(_CONTROLS.findall(sample)) > MOST_CONTROLS * len(sample):
        raise Unusable("a binary file")
    return text


def clean(text: str) -> str:
    """Return text with plain line ends, without control characters and surrogates."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text.removeprefix("\ufeff")).replace("\x85", "\n")
    return _CONTROLS.sub("", text)
