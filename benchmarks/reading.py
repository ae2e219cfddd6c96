"""Reading a person's folder: 10,000 files, 500 MB, of every kind, and what would harm a careless reader among them.

The folder is made in a temporary one, the same each time. It is read as `foretype train --dry-run` does; measured are
the seconds that takes and the peak memory of all processes together.
"""

from __future__ import annotations

import base64
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.common import Table, show
from core.reading.pandoc import program

MEGABYTE = 1 << 20
LIMIT = 1 << 30
"""Bytes of memory that reading may take."""
SAMPLE_SECONDS = 0.05


class Writer:
    """Makes prose that is never the same twice: words drawn from a made-up vocabulary."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        middles, ends = ("a", "e", "i", "o", "u", "ai", "ea", "ou"), ("n", "r", "s", "t", "l", "nd", "st")
        suffixes = ("", "er", "ing", "ly")
        self._words = [
            a + b + c + d for a in "bdfghklmnprstv" for b in middles for c in ends for d in suffixes
        ]

    def paragraphs(self, characters: int) -> list[str]:
        """Return paragraphs of about so many characters together."""
        out: list[str] = []
        while characters > 0:
            sentences = [
                " ".join(self._random.choices(self._words, k=self._random.randint(6, 18))).capitalize() + "."
                for _ in range(self._random.randint(2, 6))
            ]
            out.append(" ".join(sentences))
            characters -= len(out[-1])
        return out

    def noise(self, size: int) -> bytes:
        """Return bytes without any meaning."""
        return self._random.randbytes(size)


def markdown(writer: Writer, size: int) -> bytes:
    """Return Markdown with front matter, code, links and a table."""
    first, *rest = writer.paragraphs(size)
    head = "---\ntitle: x\ntags: [a, b]\n---\n\n# A title\n\n"
    code = "\n\n```py\nprint('no prose')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- *one*\n- [two](http://example.org)\n\n"
    return (head + first + code + "\n\n".join(rest)).encode()


def wrapped(writer: Writer, size: int) -> bytes:
    """Return plain text in lines of 72 columns."""
    return "\n\n".join(textwrap.fill(text, 72) for text in writer.paragraphs(size)).encode()


def plain(writer: Writer, size: int) -> bytes:
    """Return plain text, a line a paragraph."""
    return "\n\n".join(writer.paragraphs(size)).encode()


def zipped(files: dict[str, str | bytes]) -> bytes:
    """Return an archive of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(writer: Writer, size: int) -> bytes:
    """Return a Word document with a picture."""
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in writer.paragraphs(size))
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r" Type="{relation}" '
            'Target="word/document.xml"/></Relationships>',
            "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
            "word/media/image.png": writer.noise(50_000),
        }
    )


def odt(writer: Writer, size: int) -> bytes:
    """Return an OpenDocument text; empty where pandoc, which writes it, is missing."""
    command = [program() or "pandoc", "-f", "commonmark", "-t", "odt", "-o", "-"]
    source = "\n\n".join(writer.paragraphs(size)).encode()
    return subprocess.run(command, input=source, stdout=subprocess.PIPE, check=False).stdout


def epub(writer: Writer, size: int) -> bytes:
    """Return a book of one chapter."""
    body = "".join(f"<p>{escape(text)}</p>" for text in writer.paragraphs(size))
    files = '<rootfiles><rootfile full-path="b.opf"/></rootfiles>'
    container = f'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">{files}</container>'
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest><item id="c" href="c.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    page = (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{body}</body></html>'
    )
    return zipped({"META-INF/container.xml": container, "b.opf": book, "c.xhtml": page})


def html(writer: Writer, size: int) -> bytes:
    """Return a web page with menu and script."""
    body = "".join(f"<p>{escape(text)}</p>" for text in writer.paragraphs(size))
    script = "<script>" + "var a = 1;" * 500 + "</script>"
    return f"<html><head>{script}</head><body><nav><a href='/'>Home</a></nav>{body}</body></html>".encode()


def rtf(writer: Writer, size: int) -> bytes:
    """Return rich text."""
    return b"{\\rtf1\\ansi " + b"".join(text.encode() + b"\\par\n" for text in writer.paragraphs(size)) + b"}"


def latex(writer: Writer, size: int) -> bytes:
    """Return LaTeX with sections and formulas."""
    body = "\n\n".join(f"\\section{{One}} {text} \\emph{{so}} $x + 1$." for text in writer.paragraphs(size))
    return f"\\documentclass{{article}}\\begin{{document}}{body}\\end{{document}}".encode()


def org(writer: Writer, size: int) -> bytes:
    """Return Org with headings and code."""
    return (
        "#+title: x\n* One\n" + "\n\n".join(writer.paragraphs(size)) + "\n#+begin_src\nx\n#+end_src\n"
    ).encode()


def rst(writer: Writer, size: int) -> bytes:
    """Return reStructuredText with a directive."""
    return ("One\n===\n\n.. note:: Well.\n\n" + "\n\n".join(writer.paragraphs(size))).encode()


def notebook(writer: Writer, size: int) -> bytes:
    """Return a notebook whose pictures are most of it."""
    picture = base64.b64encode(writer.noise(100_000)).decode()
    cells = [{"cell_type": "markdown", "source": text} for text in writer.paragraphs(size)]
    code = {"cell_type": "code", "source": "plot()", "outputs": [{"data": {"image/png": picture}}]}
    return json.dumps({"nbformat": 4, "cells": [*cells, code]}).encode()


def message(writer: Writer, size: int) -> bytes:
    """Return a message with a quote and a signature."""
    body = "\n\n".join(writer.paragraphs(size))
    quote = "\n".join("> " + line for line in textwrap.wrap(writer.paragraphs(300)[0], 70))
    head = "From: Anna <anna@example.org>\nTo: ben@example.org\nSubject: x\nContent-Type: text/plain; charset=utf-8\n"
    return f"{head}\n{body}\n\nOn Tue, 3 Mar 2026 at 10:00, Ben wrote:\n{quote}\n-- \nAnna\n".encode()


def mailbox(writer: Writer, size: int) -> bytes:
    """Return a mailbox with attachments in it."""
    parts: list[bytes] = []
    while size > 0:
        part = b"From anna@example.org Tue Mar  3 10:00:00 2026\n" + message(writer, 1_500) + b"\n"
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def pdf(writer: Writer, size: int) -> bytes:
    """Return a PDF of wrapped lines, 45 a page."""
    lines = [line for text in writer.paragraphs(size) for line in [*textwrap.wrap(text, 80), ""]]
    pages = [lines[start : start + 45] for start in range(0, len(lines), 45)]
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for page in pages:
        content = "BT /F1 10 Tf 72 760 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in page) + " ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects) + 2} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects[1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>"
    body = "".join(f"{number} 0 obj\n{content}\nendobj\n" for number, content in enumerate(objects, 1))
    return (
        f"%PDF-1.4\n{body}trailer\n<< /Root 1 0 R >>\n%%EOF".encode()
    )  # readers find the objects themselves


Maker = Callable[[Writer, int], bytes]
FILES: list[tuple[str, int, int, Maker]] = [
    ("notes/{}.md", 4200, 17_000, markdown),
    ("letters/{}.txt", 1600, 30_000, wrapped),
    ("texts/{}.txt", 1600, 30_000, plain),
    ("books/{}.txt", 20, 5_000_000, plain),
    ("mail/{}.eml", 900, 2_000, message),
    ("mail/box{}.mbox", 1, 40_000_000, mailbox),
    ("pages/{}.html", 150, 8_000, html),
    ("office/{}.docx", 150, 15_000, docx),
    ("office/{}.odt", 100, 10_000, odt),
    ("office/{}.rtf", 100, 10_000, rtf),
    ("books/{}.epub", 20, 100_000, epub),
    ("papers/{}.tex", 100, 10_000, latex),
    ("papers/{}.pdf", 100, 30_000, pdf),
    ("notes/{}.org", 100, 8_000, org),
    ("notes/{}.rst", 100, 8_000, rst),
    ("notebooks/{}.ipynb", 100, 5_000, notebook),
    ("pictures/{}.jpg", 220, 300_000, Writer.noise),
    ("pictures/{}", 30, 300_000, Writer.noise),
    ("code/{}.py", 600, 2_000, plain),
    ("ignored/{}.txt", 200, 2_000, plain),
]


def make(folder: Path, share: float) -> None:
    """Fill a folder; a share below 1 makes fewer files."""
    writer = Writer(1)
    for pattern, count, size, maker in FILES:
        for number in range(max(1, round(count * share))):
            path = folder / pattern.format(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(maker(writer, size))
    (folder / ".gitignore").write_text("ignored/\n")
    for number in range(max(1, round(200 * share))):  # copies, and drafts with a change
        text = (folder / f"texts/{number}.txt").read_text()
        (folder / f"texts/copy of {number}.txt").write_text(
            text if number % 2 else text + "\n\nOne more word."
        )
    make_harm(folder / "harm", writer)


def make_harm(folder: Path, writer: Writer) -> None:
    """Add what a careless reader would fall over."""
    folder.mkdir()
    (folder / "circle").symlink_to(folder.parent)
    (folder / "self").symlink_to(folder / "self")
    (folder / "nowhere").symlink_to(folder / "missing")
    os.mkfifo(folder / "pipe.txt")
    bomb = zipped({"word/document.xml": bytes(400 * MEGABYTE)})
    harm: dict[str, bytes] = {
        "bomb.docx": bomb,
        "bomb.txt.gz": _gzip_bomb(),
        "cut.docx": docx(writer, 20_000)[:-500],
        "none.pdf": b"This is no PDF.",
        "noise.pdf": b"%PDF-1.7\n" + writer.noise(MEGABYTE),
        "deep.html": b"<div>" * 200_000,
        "deep.tex": rb"\begin{itemize}\item " * 20_000,
        "deep.rtf": b"{\\rtf1 " + b"{" * 200_000,
        "deep.ipynb": b"[" * 1_000_000,
        "deep.eml": b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)
        ),
        "marks.md": b"*[`<_" * 200_000,
        "table.md": b"|a" * 50_000 + b"\n" + b"|-" * 50_000,
        "large.html": b"<p>word</p>" * 2_000_000,
        "one line.txt": b"word " * 4_000_000,
        "nothing.txt": b"",
        "secret.txt": b"password: hunter2\n" * 1000,
    }
    for name, content in harm.items():
        (folder / name).write_bytes(content)
    for name in ("new\nline.txt", "\x1b[31mred.txt", "[@click=app.quit].txt", os.fsdecode(b"\xff.txt")):
        (folder / name).write_bytes(plain(writer, 3_000))
    with open(folder / "sparse.txt", "wb") as stream:
        stream.truncate(1 << 40)
    unreadable = folder / "unreadable.txt"
    unreadable.write_text("x")
    unreadable.chmod(0)
    deep = folder
    for _ in range(100):
        deep = deep / "deeper"
    deep.mkdir(parents=True)
    (deep / "end.txt").write_text("x")


def _gzip_bomb() -> bytes:
    import gzip

    return gzip.compress(bytes(400 * MEGABYTE))


class Memory:
    """The memory of a process and all below it, looked at again and again; pages that are shared count in parts."""

    def __init__(self, process: int) -> None:
        self.peak = 0
        self._process = process
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(_bytes_of, _tree(self._process))))


def _tree(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _bytes_of(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


@dataclass
class Reading:
    """What was measured."""

    files: int
    megabytes: float
    seconds: float
    peak_megabytes: float
    read_files: int
    characters: int
    left_out: int
    status: int


def run(share: float = 1.0) -> list[Table]:
    """Make the folder and read it."""
    result = measure(share)
    rows = [
        [name.replace("_", " "), f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"]
        for name, value in asdict(result).items()
    ]
    return [Table("reading a folder", ["", ""], rows)]


def measure(share: float) -> Reading:
    """Make the folder and read it in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "folder"
        folder.mkdir()
        make(folder, share)
        found = [path.lstat() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
        size = sum(min(each.st_size, each.st_blocks * 512) for each in found)
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tui", "train", "--dry-run", "--json", str(folder)],
            stdout=subprocess.PIPE,
            env={**os.environ, "FORETYPE_HOME": str(Path(home) / "home")},
        )
        memory = Memory(process.pid)
        out, _ = process.communicate()
        seconds = time.perf_counter() - start
        memory.stop()
        told = json.loads(out) if process.returncode == 0 else {}
        if told:
            print(json.dumps(told["reasons"], indent=1, ensure_ascii=False), file=sys.stderr)
        (folder / "harm/unreadable.txt").chmod(0o600)
    return Reading(
        files=len(found),
        megabytes=size / 1e6,
        seconds=seconds,
        peak_megabytes=memory.peak / 1e6,
        read_files=told.get("files", 0),
        characters=told.get("characters", 0),
        left_out=told.get("left_out_count", 0),
        status=process.returncode,
    )


if __name__ == "__main__":
    show(run)
