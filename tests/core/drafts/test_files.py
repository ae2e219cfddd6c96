"""Drafts on disk: what is not edited keeps its bytes, and no failure costs the old file or the text."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.drafts import files as drafts
from core.drafts.encodings import Encoding, Unencodable, decode, decode_as, encode
from core.drafts.files import ChangedOnDisk, open_draft, save_draft
from core.errors import UserError
from core.reading.text import text_of

HARD = [
    b"",
    b"plain\n",
    b"no end",
    b"one\r\ntwo\r\n",
    b"mixed\r\nand\nand\rall\n\r",
    b"\xef\xbb\xbfmarked\r\n",
    "zwölf Boxkämpfer\n".encode("utf-16"),
    b"\xff\xfea\x00\x00\xd8\n\x00",
    "no mark, two bytes each\n".encode("utf-16-le"),
    "no mark, two bytes each\n".encode("utf-16-be"),
    "marked\n".encode("utf-32"),
    "Zwölf große Äpfel kosten fünf Groschen, sagte er.\n".encode("latin-1"),
    "Ünïcödé — fine".encode() + b"\xff and one bad byte \x80\n",
    b"nul\x00inside\n",
    b"form\x0cfeed\x0b\x1c\x1d\x1e\n",
    "next\x85line\u2028and\u2029paragraph\n".encode(),
    "👩‍👩‍👧 and שלום\n".encode(),
    b"\xed\xa0\x80 a surrogate in UTF-8\n",
    b"\x1b[2Jescape\n",
]


@pytest.mark.parametrize("data", HARD)
def test_what_is_opened_is_saved_byte_for_byte(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "draft.md"
    path.write_bytes(data)
    opened = open_draft(path)
    save_draft(path, opened.text, opened.encoding, opened.fingerprint)
    assert path.read_bytes() == data


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_kept_or_refused(data: bytes) -> None:
    try:
        text, encoding = decode(data, "draft")
    except UserError:
        return
    assert encode(text, encoding) == data


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
@settings(deadline=None)
def test_any_text_in_a_unicode_encoding_is_read_right(text: str, codec: str) -> None:
    data = text.encode(codec, "surrogatepass" if codec != "utf-8-sig" else "ignore")
    if codec == "utf-8":
        data = text.encode("utf-8", "ignore")
    read, encoding = decode(data, "draft")
    assert encode(read, encoding) == data
    if codec == "utf-8" and "\0" in text:
        return  # many of them look like UTF-16
    if not any(0xD800 <= ord(character) < 0xE000 for character in text) and not text.startswith("\ufeff"):
        assert read == text


WRITTEN = {
    "english": "A short note, all of it in Latin letters.\nAnd more.\n",
    "two letters": "hi",
    "french": "Le café est fermé, à l’aube.\r\n",
    "russian": "Свет падает на гавань.\n",
    "hebrew": "שלום עולם, מה שלומך היום?\n",
    "japanese": "光が港に落ちる。誰もそれを見なかった。\n",
    "numbers": "In 1984 there were 12 of them, in 1999 none.\n",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("times", [1, 50])
def test_wide_text_without_a_mark_is_read_right(text: str, codec: str, times: int) -> None:
    data = (text * times).encode(codec)
    read, encoding = decode(data, "draft")
    assert (read, encoding.codec) == (text * times, codec)
    assert encode(read, encoding) == data
    assert text_of(data).rstrip("\n") == "\n".join((text * times).splitlines())


@pytest.mark.parametrize("data", [b"nul\0inside\n", b"a few \0 in a long line of text " * 40, b"\0" * 64])
def test_utf8_with_nuls_stays_utf8(data: bytes) -> None:
    assert decode(data, "draft")[1] == Encoding()


WESTERN = [
    "L'été dernier, nous étions à Nîmes; la crème brûlée était naïve et Noël déjà loin.",
    "I had a café naïve enough.",
    "São Paulo, for £ 5",
    "It was déjà vu, and naïveté, as they say; she said so twice, and went home.",
    "“Zwölf große Äpfel” — 5 €",
    "¿Qué pasó? El 1º año, señor.",
    "Blåbær på brødet; ærlig talt.",
    "l’été, coöperatie",
]
OTHERS = [
    ("Zażółć gęślą jaźń, powiedział ktoś i wyszedł na długo przed świtem do szkoły.", "cp1250"),
    ("Příliš žluťoučký kůň úpěl ďábelské ódy, a nikdo ho neslyšel ani neviděl.", "cp1250"),
    ("Съешь же ещё этих мягких французских булок, да выпей чаю.", "cp1251"),
    ("Πώς είσαι σήμερα; Ο ουρανός είναι γαλανός και η θάλασσα ήσυχη.", "cp1253"),
    ("中文的句子在这里,没有别的什么。今天天气很好,我们去公园。", "gb18030"),
]


@pytest.mark.parametrize("text", WESTERN)
def test_western_text_is_read_as_such_however_short(text: str) -> None:
    assert decode(text.encode("cp1252"), "x")[0] == text


@pytest.mark.parametrize(("text", "codec"), OTHERS)
def test_text_of_others_is_not_taken_for_western(text: str, codec: str) -> None:
    read, encoding = decode(text.encode(codec), "x")
    assert encoding.codec not in ("cp1252", "latin-1")
    assert encoding.guessed
    assert decode_as(text.encode(codec), "x", codec) == (text, Encoding(codec))
    assert encode(read, encoding) == text.encode(codec)


def test_bytes_that_mean_nothing_in_an_encoding_are_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="x cannot be read as UTF-8: it holds bytes"):
        decode_as(b"caf\xe9", "x", "utf-8")


def test_numbers_of_two_bytes_are_no_text() -> None:
    samples = b"".join(
        (index * 7919 % 4001 - 2000).to_bytes(2, "little", signed=True) for index in range(999)
    )
    with pytest.raises(UserError, match="binary"):
        decode(samples, "draft")


def test_a_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cat[b].png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\xfa\x00\x01\x80")
    with pytest.raises(UserError, match=r"cat\[b\]\.png is a binary file"):
        open_draft(path)


def test_what_cannot_be_opened_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder\n2").mkdir()
    with pytest.raises(UserError, match="folder\u240a2 is a folder"):
        open_draft(tmp_path / "folder\n2")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="not a regular file"):
        open_draft(tmp_path / "pipe")


def test_a_file_that_is_not_there_is_an_empty_draft(tmp_path: Path) -> None:
    path = tmp_path / "new.md"
    opened = open_draft(path)
    assert (opened.text, opened.fingerprint, opened.read_only) == ("", None, False)
    save_draft(path, "text\n", opened.encoding, opened.fingerprint)
    assert path.read_bytes() == b"text\n"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_permissions_and_symbolic_links_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to("real.md")
    opened = open_draft(link)
    save_draft(link, "new", opened.encoding, opened.fingerprint)
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("letter", ["a", "é", "漢", "🎉"])
def test_the_longest_names_can_be_saved(tmp_path: Path, letter: str) -> None:
    path = tmp_path / (letter * (255 // len(letter.encode())))
    save_draft(path, "one", Encoding(), None)
    opened = open_draft(path)
    save_draft(path, "two", opened.encoding, opened.fingerprint)
    assert path.read_text() == "two"
    assert list(tmp_path.iterdir()) == [path]


def test_hard_links_are_kept(tmp_path: Path) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    first.write_text("a longer old text")
    os.link(first, second)
    opened = open_draft(first)
    save_draft(first, "new", opened.encoding, opened.fingerprint)
    assert second.read_text() == "new"
    assert first.samefile(second)


def test_a_change_on_disk_is_noticed_and_a_touch_is_not(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    opened = open_draft(path)
    os.utime(path, ns=(1, 1))
    seen = save_draft(path, "mine", opened.encoding, opened.fingerprint)
    path.write_text("theirs")
    with pytest.raises(ChangedOnDisk, match=r"draft\.md was changed"):
        save_draft(path, "mine again", opened.encoding, seen)
    assert path.read_text() == "theirs"
    save_draft(path, "mine again", opened.encoding, seen, force=True)
    assert path.read_text() == "mine again"


def test_a_file_that_appeared_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    opened = open_draft(path)
    path.write_text("theirs")
    with pytest.raises(ChangedOnDisk):
        save_draft(path, "mine", opened.encoding, opened.fingerprint)


def test_a_character_that_the_encoding_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unencodable, match="LATIN-1 has no “—”: save it as UTF-8"):
        save_draft(tmp_path / "draft", "a — b", Encoding("latin-1"), None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    opened = open_draft(path)

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(drafts.os, step, fail)
    with pytest.raises(UserError, match=r"draft\.md is not saved"):
        save_draft(path, "new", opened.encoding, opened.fingerprint)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_in_place_puts_the_old_bytes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "draft.md"
    path.write_text("old")
    os.link(path, tmp_path / "other.md")
    opened = open_draft(path)
    real, calls = os.pwrite, list[bytes]()

    def half(descriptor: int, data: bytes, offset: int) -> int:
        calls.append(bytes(data))
        if len(calls) == 1:
            return real(descriptor, bytes(data)[:2], offset)
        if len(calls) == 2:
            raise OSError(errno.EIO, "broken")
        return real(descriptor, data, offset)

    monkeypatch.setattr(drafts.os, "pwrite", half)
    with pytest.raises(UserError):
        save_draft(path, "new text", opened.encoding, opened.fingerprint)
    assert path.read_text() == "old"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist; make it first"):
        save_draft(tmp_path / "none" / "draft.md", "text", Encoding(), None)
