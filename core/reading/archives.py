"""Documents that are zip archives (DOCX, ODT, EPUB), reduced to their text, so that none can be a bomb.

Needs no screen and no torch. What is passed on is a new archive, of those entries alone that hold text, expanded and
measured while they are read: what an archive says of its own sizes is not believed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

from core.reading.limits import MAX_ARCHIVE_ENTRIES, Unusable

MAX_EXPANDED: Final = 24 << 20
"""Bytes of markup in one document."""
_PAGES: Final = (".xhtml", ".html", ".htm")
_TEXT: Final = (".xml", ".rels", ".opf", ".ncx", *_PAGES, "mimetype")
_NOT_TEXT: Final = (
    "docProps/",
    "customXml/",
    "word/theme/",
    "word/fontTable",
    "word/embeddings/",
    "Thumbnails/",
    "Object ",
)


def only_text(data: bytes, clean_page: Callable[[bytes], bytes]) -> bytes:
    """Return an archive of the entries of another that hold text, not compressed.

    Args:
        data: the archive.
        clean_page: what is done to web pages in it.

    Raises:
        Unusable: when it is no archive, damaged, encrypted, or holds too much.
    """
    out = io.BytesIO()
    room = MAX_EXPANDED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as kept:
            entries = archive.infolist()
            if len(entries) > MAX_ARCHIVE_ENTRIES:
                raise Unusable(f"an archive of {len(entries):,} files")
            seen: set[str] = set()
            for entry in entries:
                if (
                    entry.filename in seen
                    or not entry.filename.endswith(_TEXT)
                    or entry.filename.startswith(_NOT_TEXT)
                ):
                    continue
                seen.add(entry.filename)
                if entry.flag_bits & 1:
                    raise Unusable("encrypted")
                with archive.open(entry) as stream:
                    content = stream.read(room + 1)
                room -= len(content)
                if room < 0:
                    raise Unusable(f"more than {MAX_EXPANDED >> 20} MB of markup when expanded")
                page = entry.filename.endswith(_PAGES)
                kept.writestr(entry.filename, clean_page(content) if page else content)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise Unusable("damaged: it is no sound archive") from error
    return out.getvalue()


def names(data: bytes) -> frozenset[str]:
    """Return the names of what is in an archive; nothing where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist()[:MAX_ARCHIVE_ENTRIES])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return frozenset()
