"""Every kind of document gives the same prose; damaged ones and hostile ones are left out, in time, with a reason."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.reading import archives, extract, helper, pandoc
from core.reading.extract import Extractor
from core.reading.kinds import Kind
from core.reading.limits import Unusable
from core.reading.prose import paragraphs, tidy
from tests.core.reading.tools import BINARY, PROSE, fault, read, reasons, texts, write

PANDOC = pandoc.program()
pytestmark = pytest.mark.skipif(PANDOC is None, reason="pandoc is not installed")

SOURCE = r"""
# The harbour

The light falls on the *harbour*, and **nobody** saw [the ship](http://example.org) that left.[^1]

[^1]: It was a small ship.

- a lantern on the quay
- the smell of tar and rope

> She had never said a word about it.

| a | b |
|---|---|
| 1 | 2 |

```py
code = 1
```
"""
OBJECTS = r"""
We see that $\sum_i x_i$ is large.

$$\sum_i x_i$$

![picture](harbour.png)
"""
WANTED = [
    "The harbour",
    "The light falls on the harbour, and nobody saw the ship that left.",
    "It was a small ship.",
    "a lantern on the quay",
    "the smell of tar and rope",
    "She had never said a word about it.",
]


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    made = Extractor()
    yield made
    made.close()


def made_by_pandoc(source: str, to: str) -> bytes:
    """Return a document as pandoc writes it."""
    assert PANDOC is not None
    command = [PANDOC, "-f", "markdown", "-s", "-t", to, "--metadata", "title=x", "-o", "-"]
    return subprocess.run(command, input=source.encode(), capture_output=True, check=True).stdout


def prose(extractor: Extractor, data: bytes, kind: Kind) -> list[str]:
    (text,) = extractor.texts_of(data, kind)
    return paragraphs(tidy(text))


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("docx", Kind.DOCX),
        ("odt", Kind.ODT),
        ("html", Kind.HTML),
        ("latex", Kind.LATEX),
        ("org", Kind.ORG),
        ("rst", Kind.RST),
        ("epub", Kind.EPUB),
        ("rtf", Kind.RTF),
        ("fb2", Kind.FICTION_BOOK),
        ("markdown", Kind.MARKDOWN),
    ],
)
def test_each_format_gives_the_same_prose(extractor: Extractor, to: str, kind: Kind) -> None:
    # Pandoc writes pictures and formulas into these as words, or as objects that it does not read back.
    source = SOURCE if to in ("rtf", "fb2", "odt") else SOURCE + OBJECTS
    found = prose(extractor, made_by_pandoc(source, to), kind)
    # Where the title and the note stand depends on the format; RTF has no notes that pandoc reads back.
    without = {
        "x",
        "It was a small ship.",
        "The light falls on the harbour, and nobody saw the ship that left.",
    }
    assert [text for text in found if text not in without and "code" not in text] == [
        text for text in WANTED if text not in without
    ]
    assert any(text.startswith(WANTED[1]) for text in found)


def test_a_folder_of_every_format(tmp_path: Path) -> None:
    for number, to in enumerate(("docx", "odt", "html", "latex", "org", "rst", "epub", "rtf")):
        source = SOURCE.replace("light", f"light number {number}").replace("tar", f"tar{number}")
        suffix = {"latex": "tex"}.get(to, to)
        write(tmp_path / f"{to}.{suffix}", made_by_pandoc(source, to))
    corpus = read(tmp_path)
    assert len(corpus.files) == 8
    assert corpus.left_out == []
    assert {kind: count.files for kind, count in corpus.kinds.items()} == dict.fromkeys(
        ("DOCX", "ODT", "HTML", "LaTeX", "Org", "reStructuredText", "EPUB", "RTF"), 1
    )


PAGE = f"""<!DOCTYPE html><html><head><title>x</title><script>var a = "no prose at all";</script>
<style>p {{ color: red }}</style></head><body><nav><a href="/">Home page of the site</a></nav>
<div class="breadcrumbs">Home &gt; Articles</div><article><h1>Title</h1><p>{PROSE}<br>A second&nbsp;line.</p>
<pre>code()</pre><ul><li><a href="x">Only a link</a></li><li>A point</li></ul>
<table><tr><td>1</td><td>2</td></tr></table><SCRIPT>more()</SCRIPT></article>
<aside>Related articles</aside><footer>All rights reserved.</footer><script>never closed</body></html>"""


def test_a_web_page_loses_what_is_around_its_text(extractor: Extractor) -> None:
    assert prose(extractor, PAGE.encode(), Kind.HTML) == ["Title", f"{PROSE}\nA second line.", "A point"]


def test_pages_laid_out_by_tables_keep_their_text(extractor: Extractor) -> None:
    long = " ".join([PROSE] * 4)
    page = f"<table><tr><td><p>Menu</p></td><td><p>{long}</p></td></tr></table>"
    assert prose(extractor, page.encode(), Kind.HTML) == [long]


@pytest.mark.parametrize("declared", ["windows-1251", "koi8-r"])
def test_a_page_is_read_in_the_encoding_that_it_declares(extractor: Extractor, declared: str) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><p>Свет падает на гавань.</p></body></html>'
    assert prose(extractor, page.encode(declared), Kind.HTML) == ["Свет падает на гавань."]


def test_latex_that_is_only_a_part(extractor: Extractor) -> None:
    source = r"""\section{One} The \emph{light} falls~\cite{x} --- and ``nobody'' saw it. % comment
\input{/etc/passwd} \begin{equation} x \end{equation} \begin{verbatim} code \end{verbatim}
% another

We see that $\sum_i x_i$ grows. With $n = 3$ it ends.\footnote{A note.}"""
    assert prose(extractor, source.encode(), Kind.LATEX) == [
        "One",
        "The light falls — and “nobody” saw it.",
        "With n = 3 it ends.",
        "A note.",
    ]


def test_no_other_file_is_read(extractor: Extractor, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt", "The secret is out.")
    for source, kind in (
        (rf"Hello. \input{{{secret}}} \include{{{secret}}}", Kind.LATEX),
        (f"Hello.\n\n.. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n", Kind.RST),
        (f'Hello.\n\n#+INCLUDE: "{secret}"\n', Kind.ORG),
        (f'<p>Hello.</p><iframe src="file://{secret}"></iframe><object data="{secret}"></object>', Kind.HTML),
    ):
        assert prose(extractor, source.encode(), kind) == ["Hello."]


def test_org_loses_its_marks(extractor: Extractor) -> None:
    source = (
        "#+title: x\n* TODO Head of it :tag:\nSCHEDULED: <2026-01-01>\n:PROPERTIES:\n:a: b\n:END:\n"
        "The /light/ falls on [[http://x][the harbour]].\n#+begin_src py\ncode\n#+end_src\n"
    )
    assert prose(extractor, source.encode(), Kind.ORG) == ["Head of it", "The light falls on the harbour."]


RTF = (
    rb"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Times;}}{\info{\author Somebody Else}}\f0 A \u8220\'93quoted\u8221\'94 "
    rb"word, caf\'e9, na\u239?ve, an em\u8212-dash.\par Second {\b bold} paragraph.\par}"
)


def test_rtf_by_hand(extractor: Extractor) -> None:
    assert prose(extractor, RTF, Kind.RTF) == [
        "A “quoted” word, café, naïve, an em—dash.",
        "Second bold paragraph.",
    ]


def test_an_old_word_file_that_is_none(tmp_path: Path) -> None:
    write(tmp_path / "rtf.doc", RTF)
    write(tmp_path / "page.doc", PAGE)
    write(tmp_path / "noname", made_by_pandoc(SOURCE, "docx"))
    corpus = read(tmp_path)
    assert set(corpus.kinds) == {"RTF", "HTML", "DOCX"}


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"nbformat": 4, "cells": list(cells)}).encode()


def test_of_a_notebook_the_markdown_is_read(extractor: Extractor) -> None:
    data = notebook(
        {"cell_type": "markdown", "source": ["# Title\n", "Some *prose*."]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "the output is long enough"}]},
        {"cell_type": "markdown", "source": "More."},
        {"cell_type": "markdown", "source": 3},
        {"cell_type": "raw", "source": "raw"},
    )
    assert prose(extractor, data, Kind.NOTEBOOK) == ["Title", "Some prose.", "More."]


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"3", b"[" * 100_000, b'{"cells": 3}', b'{"cells": [3, null]}', b"\xff"]
)
def test_notebooks_that_are_none(extractor: Extractor, data: bytes) -> None:
    try:
        assert extractor.texts_of(data, Kind.NOTEBOOK) == [""]
    except Unusable as error:
        assert "no sound notebook" in str(error)


@pytest.mark.parametrize("kind", [Kind.DOCX, Kind.ODT, Kind.EPUB])
def test_damaged_archives(extractor: Extractor, kind: Kind) -> None:
    whole = made_by_pandoc(SOURCE, kind.value.lower())
    for data in (whole[:-100], whole[: len(whole) // 2], b"PK\x03\x04" + BINARY, BINARY, b"x"):
        with pytest.raises(Unusable, match="damaged"):
            extractor.texts_of(data, kind)
    for position in range(0, len(whole), len(whole) // 20):
        broken = whole[:position] + b"\xff\x00" + whole[position + 2 :]
        try:
            extractor.texts_of(broken, kind)
        except Unusable as error:
            assert str(error).isprintable()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


def test_archives_that_are_bombs(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_EXPANDED", 1 << 20)
    bomb = zipped(word__document=bytes(4 << 20))
    with pytest.raises(Unusable, match="more than 1 MB of markup when expanded"):
        extractor.texts_of(bomb, Kind.DOCX)
    # One that says it is small: the size in the directory is not what comes out.
    size = (4 << 20).to_bytes(4, "little")
    with pytest.raises(Unusable):
        extractor.texts_of(bomb.replace(size, (10).to_bytes(4, "little")), Kind.DOCX)
    monkeypatch.setattr(archives, "MAX_ARCHIVE_ENTRIES", 3)
    with pytest.raises(Unusable, match="an archive of 4 files"):
        extractor.texts_of(zipped(a=b"", b=b"", c=b"", d=b""), Kind.ODT)


def test_an_encrypted_archive(extractor: Extractor) -> None:
    data = bytearray(zipped(content=b"<x/>"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(Unusable, match="encrypted"):
        extractor.texts_of(bytes(data), Kind.ODT)


def test_pictures_in_an_archive_are_not_passed_on() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/media/huge.png", bytes(10_000))
        archive.writestr("word/document.xml", b"<x/>")
        archive.writestr("../../escape.xml", b"<x/>")
    with zipfile.ZipFile(io.BytesIO(archives.only_text(out.getvalue(), bytes))) as kept:
        assert "word/document.xml" in kept.namelist() and "word/media/huge.png" not in kept.namelist()


def test_entities_that_grow_without_end(extractor: Extractor) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    body = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a11;</x>'
    for kind, data in ((Kind.FICTION_BOOK, body.encode()), (Kind.DOCX, zipped(word__document=body.encode()))):
        try:
            assert len("".join(extractor.texts_of(data, kind))) < 1000
        except Unusable as error:
            assert "damaged" in str(error)


def test_what_takes_too_long_is_left_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "SECONDS", 0.2)
    monkeypatch.setattr(pandoc, "SECONDS_A_MEGABYTE", 0.0)
    reader = pandoc.Pandoc()
    with pytest.raises(Unusable, match="takes too long"):
        reader.prose_of(b"<p>a</p>" * 500_000, "html")
    monkeypatch.setattr(pandoc, "SECONDS", 20.0)
    assert reader.prose_of(b"<p>Hello.</p>", "html") == "Hello."
    reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not limit address space")
def test_what_takes_too_much_memory_is_left_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "MEMORY", 250 << 20)
    reader = pandoc.Pandoc()
    with pytest.raises(Unusable, match="more memory to read than it may"):
        reader.prose_of(b"<p>a</p>" * 300_000, "html")
    assert reader.prose_of(b"<p>Hello.</p>", "html") == "Hello."
    reader.close()


@pytest.mark.parametrize("kind", ["html", "latex", "rtf", "org", "rst"])
def test_deep_nesting_ends(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "SECONDS", 0.3)
    monkeypatch.setattr(pandoc, "SECONDS_A_MEGABYTE", 0.0)
    opening = {
        "html": b"<div>",
        "latex": rb"\begin{itemize}\item ",
        "rtf": b"{",
        "org": b"*a ",
        "rst": b"|a ",
    }[kind]
    start = b"{\\rtf1 " if kind == "rtf" else b""
    reader = pandoc.Pandoc()
    try:
        reader.prose_of(start + opening * 20_000, kind)
    except Unusable as error:
        assert str(error).isprintable()
    finally:
        reader.close()


def test_too_much_markup_is_left_out(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "MAX_MARKUP_BYTES", 1 << 20)
    with pytest.raises(Unusable, match="more than 1 MB of markup"):
        extractor.texts_of(b"<p>a</p>" * 200_000, Kind.HTML)


def test_without_pandoc_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pandoc, "program", lambda: None)
    write(tmp_path / "a.md", PROSE)
    write(tmp_path / "b.html", PAGE)
    write(tmp_path / "c.docx", b"PK\x03\x04")
    corpus = read(tmp_path)
    assert texts(corpus) == [PROSE]
    assert reasons(corpus) == {"b.html": pandoc.MISSING, "c.docx": pandoc.MISSING}
    assert "pip install pypandoc_binary" in fault(tmp_path / "b.html")


def test_a_helper_that_ends_is_started_again() -> None:
    dying = helper.Helper(["/bin/sh", "-c", "read line; exit 3"], 1 << 20)
    with pytest.raises(Unusable, match="damaged"):
        dying.ask("x", b"", 5.0)
    lying = helper.Helper(["/bin/sh", "-c", "echo 'ok 99999999999'; cat >/dev/null"], 1 << 20)
    with pytest.raises(Unusable, match="more text comes out of it"):
        lying.ask("x", b"", 5.0)
    silent = helper.Helper(["/bin/sh", "-c", "cat >/dev/null"], 1 << 20)
    with pytest.raises(Unusable, match="takes too long"):
        silent.ask("x", bytes(1 << 20), 0.1)  # it waits, and computes nothing
    for each in (dying, lying, silent):
        each.close()


def test_an_empty_file_is_empty(tmp_path: Path, extractor: Extractor) -> None:
    assert extract.Extractor().texts_of(b"", Kind.DOCX) == []
    write(tmp_path / "a.docx", b"")
    assert "empty" in fault(tmp_path)
