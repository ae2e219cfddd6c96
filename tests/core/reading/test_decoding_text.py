"""From bytes to characters: encodings, line ends, controls, documents within a file."""

import codecs
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading.limits import Unusable
from core.reading.text import documents_in, text_of
from tests.core.reading.tools import PROSE as SENTENCE

PROSE = SENTENCE + "\n"


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "cp1252"),
    ],
)
def test_encodings(mark: bytes, codec: str) -> None:
    text = ("Le café est fermé, et la mer était très calme à l’aube. “Où êtes-vous ?” " * 20).strip()
    assert text_of(mark + text.encode(codec)) == text


def test_other_alphabets() -> None:
    russian = ("Свет падает на гавань, и никто этого не видел. " * 20).strip()
    assert text_of(russian.encode("cp1251")) == russian
    for text in ("שלום עולם", "سلام", "光が港に落ちる", "\U0001f600 emoji \U0001f469\u200d\U0001f680"):
        assert text_of(text.encode()) == text


def test_newlines_nuls_and_controls() -> None:
    assert text_of(b"one\r\ntwo\rthree\n\nfour\r\n\r\n") == "one\ntwo\nthree\n\nfour\n\n"
    assert text_of(b"a\0b " + PROSE.encode() * 9).startswith("ab The")
    assert text_of(b"a\x1b[31mb\x07\tc " + PROSE.encode() * 9).startswith("a[31mb\tc The")
    assert text_of("a\x85b\x9bc ".encode() + PROSE.encode() * 9).startswith("a\nbc The")
    assert "\0" not in text_of("Le café est fermé. ".encode("latin-1") * 9 + b"\0" + PROSE.encode() * 9)


def test_damage_in_utf8_does_not_make_surrogates() -> None:
    damaged = "café ".encode() * 50 + b"\xff" + "café".encode()
    assert "\ufffd" in text_of(damaged)
    assert "\ufffd" in text_of(codecs.BOM_UTF16_LE + "a".encode("utf-16-le") * 99 + b"\x00\xd8")


def test_one_line_of_five_megabytes() -> None:
    assert len(text_of(b"word " * 1_000_000)) == 5_000_000


def test_form_feeds_on_their_own_lines_divide_documents() -> None:
    data = b"\f\n\n\nfirst\n\n\f\nsecond\n \f \n\n\f\n\f\n  third\nin\fline\n\f"
    assert documents_in(text_of(data)) == ["first", "second", "  third\nin\nline"]
    assert documents_in(text_of(b"\fpage one\n\fpage two")) == ["page one\n\npage two"]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300) | st.text(st.characters(), max_size=200).map(_encoded))
def test_any_bytes_are_clean_text_or_refused(data: bytes) -> None:
    try:
        found = documents_in(text_of(data))
    except Unusable as error:
        assert str(error).isprintable()
        return
    for text in found:
        assert text.strip()
        assert text.encode("utf-8").decode("utf-8") == text
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", text)
