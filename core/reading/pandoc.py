"""Documents with markup to prose, by pandoc, which reads them better than anything of our own. No screen, no torch.

Pandoc is a program of its own (under the GPL), in a package that also works as a module; only the program is used. It
runs as one child process for many documents, with `prose.lua` in it, which says what of a document is prose. It reads
in its sandbox, with a limit on memory, on time and on what it may say.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Final

from core.reading.archives import only_text
from core.reading.helper import Helper, Refused
from core.reading.limits import MAX_MARKUP_BYTES, Unusable
from core.reading.prose import OBJECT

ARCHIVES: Final = frozenset({"docx", "odt", "epub"})
FORMATS: Final = ARCHIVES | {"html", "mail", "latex", "org", "rst", "rtf", "fb2"}
"""What can be asked for; mail is HTML whose quotes and signatures go."""
MEMORY: Final = 640 << 20
"""Address space of the process; where it is not enough the document is left out."""
HEAP: Final = "384m"
"""What pandoc's own runtime allows itself, where the system has no limit; it takes up to twice as much."""
REPLACED_AFTER: Final = 16 << 20
"""Bytes that one process reads."""
SECONDS: Final = 15.0
"""For a small document, and for each megabyte more: seconds that may be computed, some three times what most take."""
SECONDS_A_MEGABYTE: Final = 20.0
MISSING: Final = "pandoc is not there to read it: pip install pypandoc_binary"

_DROPPED: Final = re.compile(
    rb"<(script|style|svg|nav|footer|aside|template|noscript|iframe|object|select|button|textarea|math)\b",
    re.IGNORECASE,
)
_TO_THE_END: Final = (b"script", b"style")
_HOLE: Final = f"&#{ord(OBJECT)};".encode()
_UNICODE: Final = re.compile(rb"(\\u-?\d{1,5})(?=[^\s\d\\{}])")


@cache
def program() -> str | None:
    """Return where pandoc is: that of the package, else one that is installed; None where there is none."""
    found = importlib.util.find_spec("pypandoc")  # importing it would cost more than it gives
    if found is not None and found.origin is not None:
        packaged = Path(found.origin).parent / "files" / "pandoc"
        if packaged.is_file():
            return str(packaged)
    return shutil.which("pandoc")


class Pandoc:
    """Reads documents, one after the other."""

    def __init__(self) -> None:
        self._helper: Helper | None = None

    def prose_of(self, data: bytes, kind: str) -> str:
        """Return the prose in a document.

        Args:
            data: the file; where the format is a text, in UTF-8.
            kind: one of FORMATS.

        Raises:
            Unusable: when it is damaged, too large or too slow to read, or there is no pandoc.
        """
        where = program()
        if where is None:
            raise Unusable(MISSING)
        if kind in ARCHIVES:
            data = only_text(data, without_furniture)
        elif len(data) > MAX_MARKUP_BYTES:
            raise Unusable(f"more than {MAX_MARKUP_BYTES >> 20} MB of markup")
        if kind in ("html", "mail"):
            data = without_furniture(data)
        elif kind == "rtf":
            # Pandoc takes a character that follows a number at once for more than the number's stand-in.
            data = _UNICODE.sub(rb"\1 ", data)
        if self._helper is None:
            script = str(Path(__file__).with_name("prose.lua"))
            self._helper = Helper([where, "+RTS", f"-M{HEAP}", "-RTS", "lua", script], REPLACED_AFTER, MEMORY)
        try:
            answer = self._helper.ask(kind, data, SECONDS + SECONDS_A_MEGABYTE * len(data) / (1 << 20))
        except Refused as error:
            if "heap" in str(error):
                self._helper.close()
                raise Unusable("takes more memory to read than it may") from error
            raise Unusable(f"damaged: it is no sound {kind.upper()} file") from error
        return answer.decode("utf-8", "replace")

    def close(self) -> None:
        """End the process."""
        if self._helper is not None:
            self._helper.close()


def without_furniture(page: bytes) -> bytes:
    """Return HTML without the elements that hold no prose: scripts, pictures, menus, forms.

    Of those that are never closed, scripts and styles reach to the end, as in a browser; others stay. A formula leaves
    a hole, which `core.reading.prose` knows.
    """
    kept: list[bytes] = []
    lower = page.lower()
    unclosed: set[bytes] = set()
    start = 0
    for found in _DROPPED.finditer(page):
        name = found[1].lower()
        if found.start() < start or name in unclosed:
            continue
        end = lower.find(b"</" + name, found.end())
        if end < 0 and name not in _TO_THE_END:
            unclosed.add(name)
            continue
        kept.append(page[start : found.start()])
        if name == b"math":
            kept.append(_HOLE)
        close = page.find(b">", end) if end >= 0 else -1
        start = close + 1 if close >= 0 else len(page)
    return b"".join([*kept, page[start:]])
