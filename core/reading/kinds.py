"""What a file is, by its name and by how it begins. Needs no screen and no torch."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

from core.reading.archives import names
from core.reading.files import suffix_of
from core.reading.limits import Unusable
from core.reading.mailboxes import is_mailbox


class Kind(Enum):
    """A kind of file that is read, and its name for a person."""

    PLAIN = "plain text"
    CODE = "code"
    MARKDOWN = "Markdown"
    RST = "reStructuredText"
    ORG = "Org"
    LATEX = "LaTeX"
    HTML = "HTML"
    DOCX = "DOCX"
    ODT = "ODT"
    RTF = "RTF"
    EPUB = "EPUB"
    FICTION_BOOK = "FictionBook"
    NOTEBOOK = "Jupyter notebook"
    PDF = "PDF"
    MESSAGE = "mail"
    MAILBOX = "mailbox"


def suffixes(words: str) -> frozenset[str]:
    """Return suffixes, with their dots, of names between spaces."""
    return frozenset(f".{word}" for word in words.split())


KINDS: Final[dict[str, Kind]] = {
    suffix: kind
    for kind, words in {
        Kind.MARKDOWN: "md markdown mdown mkd mkdn mdx qmd rmd",
        Kind.RST: "rst rest",
        Kind.ORG: "org",
        Kind.LATEX: "tex latex ltx",
        Kind.HTML: "html htm xhtml",
        Kind.DOCX: "docx docm",
        Kind.ODT: "odt",
        Kind.RTF: "rtf",
        Kind.EPUB: "epub",
        Kind.FICTION_BOOK: "fb2",
        Kind.NOTEBOOK: "ipynb",
        Kind.PDF: "pdf",
        Kind.MESSAGE: "eml",
        Kind.MAILBOX: "mbox mbx",
    }.items()
    for suffix in suffixes(words)
}
_INSTEAD: Final = {
    **dict.fromkeys(suffixes("doc dot wpd wps pages"), ".docx or .odt"),
    **dict.fromkeys(suffixes("mobi azw azw3 lit djvu"), ".epub"),
    **dict.fromkeys(suffixes("msg pst ost"), ".eml or .mbox"),
    **dict.fromkeys(suffixes("sxw fodt xml"), ".odt or .txt"),
}
"""What formats that are not read can be saved as, in the programs that they are from."""
NOT_PROSE: Final = suffixes(
    "asm bat c cc cfg clj cmake conf cpp cs css csv dart diff el env ex fish go gradle h hpp hs ics ini java "
    "jl js json jsonl jsx kt lisp lock log lua m make mjs ml nix patch php pl plist po pot properties proto "
    "ps1 py pyi r rb rs sass scala scss service sh sql srt strings svelte svg swift tf toml ts tsv tsx vcf "
    "vim vtt vue xsd xsl yaml yml zig zsh bib bst cls sty aux toc idx key pem crt cer csr asc gpg sig p12 pfx "
    "kdbx"
)
"""Text that is no prose: used where it is named, left out of folders."""


def kind_of(file: Path, start: bytes, *, is_named: bool, in_maildir: bool) -> Kind:
    """Return what a file is.

    Args:
        file: its path.
        start: its first bytes, some thousand, as they lie.
        is_named: whether a person named it; then a kind that holds no prose is read as it is.
        in_maildir: whether it lies where each file is a message.

    Raises:
        Unusable: when it is of a kind that is not read.
    """
    suffix = suffix_of(file)
    if is_mailbox(start):
        return Kind.MAILBOX
    if in_maildir:
        return Kind.MESSAGE
    kind = KINDS.get(suffix) or _by_content(start, suffix)
    if kind is not None:
        return kind
    if (instead := _INSTEAD.get(suffix)) is not None:
        raise Unusable(f"{suffix} files are not read: save it as {instead}")
    if suffix in NOT_PROSE:
        if not is_named:
            raise Unusable(f"{suffix} files are no prose")
        return Kind.CODE
    return Kind.PLAIN


def _by_content(start: bytes, suffix: str) -> Kind | None:
    """Return what a file is whatever its suffix says: old .doc files are often of another kind."""
    if start.startswith(b"{\\rtf"):
        return Kind.RTF
    if start.startswith(b"%PDF-"):
        return Kind.PDF
    head = start.lstrip()[:15].lower()
    if suffix in ("", ".doc", ".txt") and head.startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    return None


def archive_kind(data: bytes) -> Kind | None:
    """Return what an archive is whose suffix does not say it, None where it is no document that is read."""
    inside = names(data)
    if "word/document.xml" in inside:
        return Kind.DOCX
    if "META-INF/container.xml" in inside:
        return Kind.EPUB
    return Kind.ODT if "content.xml" in inside and "meta.xml" in inside else None
