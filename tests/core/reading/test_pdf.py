"""PDF to prose: paragraphs from places on pages, furniture gone, words joined; damaged and hostile files left out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.reading.limits import Unusable
from core.reading.pdf import PdfReader
from core.reading.pdf_layout import HYPHEN, Line, prose_of
from tests.core.reading.tools import BINARY, fault, read, texts, write

Text = tuple[float, float, float, str]
"""Left and base line in points, size, words."""


@pytest.fixture(scope="module")
def reader() -> Iterator[PdfReader]:
    made = PdfReader()
    yield made
    made.close()


def pdf_of(*pages: list[Text], trailer: bytes = b"") -> bytes:
    """Return a PDF of pages of text, written by hand."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids: list[bytes] = []
    for page in pages:
        shown = [f"BT /F1 {size} Tf {left} {base} Td ({words}) Tj ET" for left, base, size, words in page]
        content = "\n".join(shown).encode("latin-1")
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        trailer,
        start,
    )
    return bytes(out)


def lines_at(
    *lines: str, left: float = 72, top: float = 700, step: float = 14, size: float = 11
) -> list[Text]:
    return [(left, top - step * index, size, words) for index, words in enumerate(lines)]


FIRST = lines_at(
    "The light falls on the harbour in the morn-",
    "ing, and nobody saw the well-known ship that",
    "left it before the rain began.",
)
SECOND = lines_at("Nobody said a word about the ship, and so", "the morning went by.", top=640)


def test_lines_become_paragraphs(reader: PdfReader) -> None:
    assert reader.prose_of(pdf_of([*FIRST, *SECOND])).split("\n\n") == [
        "The light falls on the harbour in the morning, and nobody saw the well-known ship that left it before the "
        "rain began.",
        "Nobody said a word about the ship, and so the morning went by.",
    ]


def test_headers_and_numbers_of_pages_go(reader: PdfReader) -> None:
    marks = "abcdef"
    pages = [
        [
            (72.0, 800.0, 9.0, f"The harbour, part {number}"),
            *lines_at(f"Page {mark} says what no other page has said, and", f"says it twice, {mark}."),
            (300.0, 30.0, 9.0, str(number)),
        ]
        for number, mark in enumerate(marks)
    ]
    assert reader.prose_of(pdf_of(*pages)).split("\n\n") == [
        f"Page {mark} says what no other page has said, and says it twice, {mark}." for mark in marks
    ]


def test_a_sentence_goes_on_on_the_next_page(reader: PdfReader) -> None:
    pages = [
        lines_at("A sentence that begins on the first page of it", "and is not at its end when"),
        lines_at("the page ends."),
    ]
    assert reader.prose_of(pdf_of(*pages)) == (
        "A sentence that begins on the first page of it and is not at its end when the page ends."
    )


def line(
    text: str, base: float, *, left: float = 72, right: float = 520, size: float = 11, mono: bool = False
) -> Line:
    return Line(text, 0, left, right, base, base, size, mono)


def layout(*lines: Line) -> list[str]:
    return prose_of(lines, [842]).split("\n\n")


def test_where_a_paragraph_begins() -> None:
    full = "A line of words that goes on to the margin of the"
    assert (
        len(layout(line(full, 500), line("page.", 486, right=100), line(full, 472), line("end.", 458))) == 2
    )
    assert (
        len(layout(line(full, 500), line(full + " end.", 486), line(full, 472, left=90), line("end.", 458)))
        == 2
    )
    assert len(layout(line(full, 500), line(full, 486), line(full, 472), line("end.", 458))) == 1
    assert len(layout(line("A heading", 500, size=16), line(full, 470), line("end.", 456))) == 2
    assert len(layout(line(full, 500), line("• an item that has some words in it, and more", 486))) == 2
    # Two columns: the second begins higher up, in the middle of a sentence.
    assert (
        len(
            layout(
                line(full, 300, right=290), line("of it goes on", 700, left=300), line("here.", 686, left=300)
            )
        )
        == 1
    )


def test_what_is_no_running_text_goes() -> None:
    full = "A line of words that goes on to the margin of the page."
    kept = layout(
        line(full, 500),
        line("def code(): return None  # in a font of equal widths", 486, mono=True),
        line("Contents . . . . . . . . . . . . . . . . . . 12", 470),
        line("cell", 440, right=90),
        line("Title", 420, size=14, right=120),
    )
    assert kept == [full, "Title"]


def test_divided_words() -> None:
    text = layout(
        line(
            f"This well{HYPHEN}known ship, an of{HYPHEN}fice and the o\ufb03ce; a well-known one, North-", 500
        ),
        line("Sea, and anti-", 486),
        line("septic is said here.", 472),
    )
    assert text == [
        "This well-known ship, an office and the office; a well-known one, North-Sea, and antiseptic is said here."
    ]


def test_damaged_pdfs(reader: PdfReader, tmp_path: Path) -> None:
    whole = pdf_of([*FIRST, *SECOND])
    for data in (b"%PDF-1.4\n" + BINARY, b"%PDF-", b"%PDF-1.7\ntrailer << /Root 9 0 R >>"):
        with pytest.raises(Unusable, match=r"damaged|no running text"):
            reader.prose_of(data)
    with pytest.raises(Unusable, match="it is no PDF"):
        reader.prose_of(BINARY)
    for position in range(20, len(whole), len(whole) // 25):
        for broken in (whole[:position], whole[:position] + b"\xff\x00 9999 0 R" + whole[position:]):
            try:
                reader.prose_of(broken)
            except Unusable as error:
                assert str(error).isprintable()
    assert reader.prose_of(whole).startswith("The light")  # it goes on
    write(tmp_path / "false.pdf", "This is no PDF at all.")
    assert "it is no PDF" in fault(tmp_path / "false.pdf")


def test_an_encrypted_pdf(reader: PdfReader) -> None:
    key = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]" % (
        b"61" * 32,
        b"62" * 32,
    )
    with pytest.raises(Unusable, match="encrypted"):
        reader.prose_of(pdf_of(FIRST, trailer=key))


def test_a_page_that_is_a_picture(reader: PdfReader) -> None:
    with pytest.raises(Unusable, match="no running text"):
        reader.prose_of(pdf_of([]))


def test_pages_within_pages_without_end(reader: PdfReader) -> None:
    whole = pdf_of(FIRST)
    for looped in (
        whole.replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"),
        whole.replace(b"/Count 1", b"/Count 999999999"),
    ):
        try:
            reader.prose_of(looped)
        except Unusable as error:
            assert str(error).isprintable()


def test_a_pdf_by_its_beginning_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path / "download", pdf_of([*FIRST, *SECOND]))
    corpus = read(tmp_path)
    assert set(corpus.kinds) == {"PDF"}
    assert texts(corpus)[0].startswith("The light falls")
