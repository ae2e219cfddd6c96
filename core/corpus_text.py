"""From a file's bytes to the documents in it: decoding, and leaving out what is no prose. Needs no screen, no torch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from core.corpus_files import Unusable, inner_suffix, suffixes
from core.encodings import decode
from core.errors import UserError

MARKDOWN: Final = suffixes("md markdown mdown mkd mdx qmd rmd")
MOST_CONTROLS: Final = 0.01
"""Share of control characters above which a file is no text."""
_SAMPLE: Final = 1 << 20
"""Characters in which control characters are counted."""
_MOST_FRONT_MATTER: Final = 500
"""Lines of a front matter; what goes on longer is none."""

_CONTROLS: Final = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_DOCUMENT_BREAK: Final = re.compile(r"\n[ \t]*\f[ \t]*(?=\n|\Z)")
_BLANK_START: Final = re.compile(r"\A(?:[^\S\n]*\n)+")
_FENCE: Final = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}(?=[^`]*$)|~{3,})")
_FIELD: Final = re.compile(r"\s*(?:[\w.-]+\s*[:=]|\"[^\"]*\"\s*[:=]|[-#\[\]{},]|\s|$)")


def documents_of(data: bytes, file: Path) -> list[str]:
    """Return the documents in a file's bytes: what form feeds on lines of their own set apart.

    Lines end in a line feed, there are no control characters but that and the tab, no lone surrogates, and no blank
    lines at either end.

    Raises:
        Unusable: when it is no text, or empty.
    """
    text = _clean(_decoded(data))
    if inner_suffix(file) in MARKDOWN:
        text = without_fenced_code(without_front_matter(text))
    parts = _DOCUMENT_BREAK.split("\n" + text) if "\f" in text else [text]
    trimmed = (_BLANK_START.sub("", part.replace("\f", "\n").rstrip()) for part in parts)
    documents = [document for document in trimmed if document]
    if not documents:
        raise Unusable("empty")
    return documents


def _decoded(data: bytes) -> str:
    """Return a file's text.

    Raises:
        Unusable: when it is no text.
    """
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


def _clean(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text.removeprefix("\ufeff")).replace("\x85", "\n")
    return _CONTROLS.sub("", text)


def without_front_matter(text: str) -> str:
    """Return Markdown without the fields (YAML or TOML) that it may begin with."""
    mark = text[:3]
    if mark not in ("---", "+++") or not text[3 : text.find("\n") + 1].isspace():
        return text
    lines = text.split("\n", _MOST_FRONT_MATTER)
    ends = {mark, "..."} if mark == "---" else {mark}
    indented = False
    for index, line in enumerate(lines[1:_MOST_FRONT_MATTER], 1):
        if line.rstrip() in ends:
            return "\n".join(lines[index + 1 :])
        # A text may begin with a rule, too: then prose follows, not fields.
        if not indented and _FIELD.match(line) is None:
            return text
        indented = mark == "+++" and ('"""' in line or "'''" in line) and not indented
    return text


def without_fenced_code(text: str) -> str:
    """Return Markdown without fenced code; a fence that is never closed opens none."""
    if "```" not in text and "~~~" not in text:
        return text
    kept: list[str] = []
    dropped: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if not fence:
            if found is None:
                kept.append(line)
            else:
                fence, dropped = found.group(1), [line]
            continue
        dropped.append(line)
        if line.lstrip(" \t>").rstrip().startswith(fence) and not line.lstrip(" \t>").strip().strip(fence[0]):
            fence = ""
    return "\n".join([*kept, *dropped] if fence else kept)
