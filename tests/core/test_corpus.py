"""Reading what people have: any file and folder, the text in it clean, the rest left out with its reason."""

import bz2
import codecs
import gzip
import hashlib
import lzma
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import corpus_files
from core.corpus import MIN_CHARACTERS, Corpus, TextDocument, read_paths, split_held_out
from core.corpus_files import Unusable
from core.corpus_text import documents_of, without_fenced_code, without_front_matter
from core.errors import UserError

PROSE = "The light falls on the harbour, and nobody saw it.\n"


def read(*paths: Path, **options: Any) -> Corpus:
    return read_paths(paths, least=0, **options)


def texts(corpus: Corpus) -> list[str]:
    return [document.text for document in corpus.documents]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reasons(corpus: Corpus) -> dict[str, str]:
    return {left.path.name: left.reason for left in corpus.left_out}


def fault(*paths: Path | str, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        read_paths(paths, **{"least": 0, **options})
    line = str(caught.value)
    assert "\n" not in line and "\x1b" not in line
    return line


def text_of(data: bytes, name: str = "a.txt") -> str:
    (text,) = documents_of(data, Path(name))
    return text


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/c.rst", "sub/deeper/d.org", "e.tex", "README", "notes.unknown"):
        write(tmp_path / name, f"{name} {PROSE}")
    corpus = read(tmp_path)
    assert [document.text.split()[0] for document in corpus.documents] == [
        "README", "a.md", "b.txt", "e.tex", "notes.unknown", "sub/c.rst", "sub/deeper/d.org",
    ]  # fmt: skip
    assert corpus.left_out == []
    assert [source["path"] for source in corpus.sources()] == [str(file.path) for file in corpus.files]


def test_a_source_says_what_a_card_needs(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "abc\r\n")
    os.utime(path, (0, 0))
    digest = hashlib.sha256(b"abc\r\n").hexdigest()
    modified = "1970-01-01T00:00:00+00:00"
    assert read(path).sources() == [
        {"path": str(path), "characters": 3, "sha256": digest, "modified": modified}
    ]


def test_hidden_things_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    for name in (".git/b.txt", ".hidden.txt", "node_modules/c.txt", "x/.obsidian/d.md"):
        write(tmp_path / name, f"{name} {PROSE}")
    corpus = read(tmp_path)
    assert len(corpus.documents) == 1
    assert corpus.left_out == []
    assert len(read(tmp_path / ".hidden.txt").documents) == 1  # unless they are named


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path / "sub/a.txt", PROSE)
    (tmp_path / "sub/up").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "sub")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    (tmp_path / "hard.txt").hardlink_to(tmp_path / "sub/a.txt")
    corpus = read(tmp_path, tmp_path / "sub", tmp_path / "sub/a.txt")
    assert len(corpus.documents) == 1
    assert set(reasons(corpus).values()) == {"a link that leads nowhere"}
    assert set(reasons(corpus)) == {"self", "nowhere"}


def test_a_copy_counts_once(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    write(tmp_path / "b.txt", PROSE)
    corpus = read(tmp_path)
    assert len(corpus.documents) == 1
    assert reasons(corpus) == {"b.txt": f"the same text as {tmp_path / 'a.txt'}"}


def test_what_is_excluded_is_not_read_nor_is_a_copy_of_it(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    held = write(tmp_path / "held.txt", "held " + PROSE)
    write(tmp_path / "copy.txt", "held " + PROSE)
    write(tmp_path / "private/p.txt", "private " + PROSE)
    corpus = read(tmp_path, exclude=[held, tmp_path / "private", tmp_path / "missing"])
    assert texts(corpus) == [PROSE.strip()]
    assert set(reasons(corpus)) == {"held.txt", "copy.txt", "p.txt"}
    assert "held.txt" in fault(held, exclude=[held])


BINARY = bytes(range(256)) * 20


def test_within_a_folder_what_cannot_be_used_is_left_out_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    write(tmp_path / "binary.txt", BINARY)
    write(tmp_path / "empty.txt", b"")
    write(tmp_path / "blank.txt", b" \n\f\n\r\n")
    write(tmp_path / "code.py", "print('no prose')\n")
    write(tmp_path / "page.html", "<p>markup</p>")
    write(tmp_path / "letter.docx", b"PK\x03\x04" + BINARY)
    write(tmp_path / "cut.txt.xz", lzma.compress(PROSE.encode() * 99)[:-20])
    write(tmp_path / "false.txt.gz", PROSE)
    os.mkfifo(tmp_path / "pipe.txt")
    corpus = read(tmp_path)
    assert texts(corpus) == [PROSE.strip()]
    found = reasons(corpus)
    assert found["binary.txt"] == "a binary file"
    assert found["empty.txt"] == found["blank.txt"] == "empty"
    assert found["code.py"] == ".py files are no prose"
    assert "plain text" in found["page.html"] and "plain text" in found["letter.docx"]
    assert "damaged" in found["cut.txt.xz"] and "damaged" in found["false.txt.gz"]
    assert found["pipe.txt"] == "no ordinary file"
    assert len(found) == 9


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    write(tmp_path / "secret.txt", "secret").chmod(0)
    write(tmp_path / "closed/b.txt", "b").parent.chmod(0)
    assert set(reasons(read(tmp_path)).values()) == {"you may not read it"}
    assert "you may not read it" in fault(tmp_path / "secret.txt")
    (tmp_path / "closed").chmod(0o700)


def test_a_refusal_of_the_system_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", PROSE)
    write(tmp_path / "secret.txt", "secret")
    real = os.open

    def refusing(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if str(path).endswith("secret.txt"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refusing)
    assert reasons(read(tmp_path)) == {"secret.txt": "you may not read it"}
    assert "you may not read it" in fault(tmp_path / "secret.txt")


def test_what_is_named_and_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    good = write(tmp_path / "good.txt", PROSE)
    assert "missing.txt is not there: check the path" in fault(good, tmp_path / "missing.txt")
    assert "a binary file" in fault(good, write(tmp_path / "b.txt", BINARY))
    assert "empty" in fault(good, write(tmp_path / "e.txt", b""))
    assert "plain text" in fault(good, write(tmp_path / "p.pdf", b"%PDF"))
    assert "a\0b" not in fault("a\0b")
    fault(tmp_path / ("x" * 5000))


def test_a_folder_without_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no text" in fault(tmp_path / "empty")
    write(tmp_path / "f/b.txt", BINARY)
    write(tmp_path / "f/c.py", "x")
    assert re.search(r"b\.txt \(a binary file\) and 1 more", fault(tmp_path / "f"))


def test_code_that_is_named_is_used(tmp_path: Path) -> None:
    assert texts(read(write(tmp_path / "poem.py", "print('rose')\n"))) == ["print('rose')"]


def test_too_little_text_says_how_much_is_needed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "x" * (MIN_CHARACTERS - 1))
    with pytest.raises(UserError, match=r"a\.txt: 1,999 characters .* 2,000 are needed"):
        read_paths([path])
    write(path, "x" * MIN_CHARACTERS)
    assert read_paths([path]).characters == MIN_CHARACTERS


@pytest.mark.parametrize(
    "name",
    ["a [b].txt", "[@click=app.quit].txt", "new\nline.txt", "\x1b[31m.txt", "ü.txt", "-x", "a\udcff.txt"],
)
def test_odd_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(PROSE)
    assert read(tmp_path).files[0].path == path
    path.write_bytes(BINARY)
    fault(path)
    fault(tmp_path)


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".xz": lzma.compress,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
}


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_compressed_text(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compress = COMPRESSORS[suffix]
    whole = compress(b"one\n\f\ntwo") + compress(b"\n\f\nthree")
    path = write(tmp_path / f"a.txt{suffix}", whole)
    assert texts(read(path)) == ["one", "two", "three"]
    write(tmp_path / f"code.py{suffix}", compress(b"print()"))
    assert reasons(read(tmp_path)) == {f"code.py{suffix}": ".py files are no prose"}
    monkeypatch.setattr(corpus_files, "MAX_FILE_BYTES", 1 << 20)
    assert "larger than 1 MB when expanded" in fault(
        write(tmp_path / f"bomb{suffix}", compress(bytes(1 << 22)))
    )
    assert "compressed parts" in fault(write(tmp_path / f"many{suffix}", compress(b"") * 1001))


def test_what_is_too_large_is_left_out(tmp_path: Path) -> None:
    with open(tmp_path / "huge.txt", "wb") as stream:
        stream.truncate(corpus_files.MAX_FILE_BYTES + 1)  # sparse: takes no room
    assert "larger than 128 MB" in fault(tmp_path / "huge.txt")


def test_progress_is_told_at_the_end(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / name, name + PROSE)
    told: list[tuple[int, int]] = []
    corpus = read(tmp_path, progress=lambda files, characters: told.append((files, characters)))
    assert told[-1] == (3, corpus.characters)
    assert told == sorted(told)


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
    assert text_of(b"one\r\ntwo\rthree\n\nfour\r\n\r\n") == "one\ntwo\nthree\n\nfour"
    assert text_of(b"a\0b " + PROSE.encode() * 9).startswith("ab The")
    assert text_of(b"a\x1b[31mb\x07\tc " + PROSE.encode() * 9).startswith("a[31mb\tc The")
    assert text_of("a\x85b\x9bc ".encode() + PROSE.encode() * 9).startswith("a\nbc The")
    assert "\0" not in text_of("Le café est fermé. ".encode("latin-1") * 9 + b"\0" + PROSE.encode() * 9)


def test_damage_in_utf8_does_not_make_surrogates() -> None:
    damaged = "café ".encode() * 50 + b"\xff" + "café".encode()
    assert "\ufffd" in text_of(damaged)
    assert "\ufffd" in text_of(codecs.BOM_UTF16_LE + "a".encode("utf-16-le") * 99 + b"\x00\xd8")


def test_one_line_of_five_megabytes() -> None:
    assert len(text_of(b"word " * 1_000_000)) == 4_999_999


def test_form_feeds_on_their_own_lines_divide_documents() -> None:
    data = b"\f\n\n\nfirst\n\n\f\nsecond\n \f \n\n\f\n\f\n  third\nin\fline\n\f"
    assert documents_of(data, Path("a.txt")) == ["first", "second", "  third\nin\nline"]
    assert documents_of(b"\fpage one\n\fpage two", Path("a.txt")) == ["page one\n\npage two"]


def test_markdown_loses_front_matter_and_fenced_code_elsewhere_they_stay() -> None:
    data = b"---\ntitle: A\n---\n\n# Hello\n\n```py\ncode\n```\n\nBye\n"
    assert text_of(data, "a.md") == "# Hello\n\n\nBye"
    assert text_of(data, "a.MARKDOWN") == text_of(data, "a.md.xz") == text_of(data, "a.md")
    assert text_of(data, "a.txt") == data.decode().strip()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("---\ntitle: A\ntags: [a, b]\n- x\n\n# no\nlist:\n  - b\n---\nProse", "Prose"),
        ("---\ntitle: A\n...\nProse", "Prose"),
        ("---   \ntitle: A\n---  \nProse", "Prose"),
        ('+++\ntitle = "A"\n[extra]\nb = 1\n+++\nProse', "Prose"),
        ("---\n---\nProse", "Prose"),
        ("---\nA text that begins with a rule.\n\n---\nProse", None),
        ("---\ntitle: A\nnever closed", None),
        ("----\ntitle: A\n----\nProse", None),
        ("Prose\n---\ntitle: A\n---\n", None),
        ("---", None),
        ("", None),
        ("---\n" + "a: b\n" * 10_000 + "---\nProse", None),
    ],
)
def test_front_matter(text: str, left: str | None) -> None:
    assert without_front_matter(text) == (text if left is None else left)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\n```\ncode\n```\nb", "a\nb"),
        ("a\n~~~ py\n```\n~~~\nb", "a\nb"),
        ("a\n````\n```\n````\nb", "a\nb"),
        ("- item\n\n  ```sh\n  code\n  ```\n  more", "- item\n\n  more"),
        ("1. ```sh\n   code\n   ```\nb", "b"),
        ("> ```\n> code\n> ```\nb", "b"),
        ("a\n```\nnever closed", None),
        ("a ``` inline ``` b", None),
        ("``` inline ``` b", None),
        ("a\n```\ncode\n``` not the end\n```\nb", "a\nb"),
    ],
)
def test_fenced_code(text: str, left: str | None) -> None:
    assert without_fenced_code(text) == (text if left is None else left)


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=300) | st.text(st.characters(), max_size=200).map(str.encode),
    st.sampled_from(["a.txt", "a.md"]),
)
def test_any_bytes_are_clean_documents_or_refused(data: bytes, name: str) -> None:
    try:
        found = documents_of(data, Path(name))
    except Unusable as error:
        assert str(error).isprintable()
        return
    assert found
    for text in found:
        assert text.strip()
        assert text.encode("utf-8").decode("utf-8") == text
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", text)


def documents(*lengths: int) -> list[TextDocument]:
    def text(index: int, length: int) -> str:
        paragraphs = (f"Document {index}, paragraph {number}, and so on." for number in range(length))
        return "\n\n".join(paragraphs)[:length]

    return [TextDocument(Path(f"{index}.txt"), text(index, length)) for index, length in enumerate(lengths)]


def test_of_many_documents_whole_ones_are_held_out() -> None:
    all_of_them = documents(*range(900, 1100))
    learnt, held_out, how = split_held_out(all_of_them)
    assert how == f"{len(held_out)} of 200 documents"
    assert sorted([*learnt, *held_out], key=all_of_them.index) == all_of_them
    assert learnt == sorted(learnt, key=all_of_them.index)
    share = sum(each.characters for each in held_out) / sum(each.characters for each in all_of_them)
    assert 0.03 < share < 0.08


def test_the_seed_decides_which() -> None:
    all_of_them = documents(*[1000] * 100)
    chosen = [[each.path for each in split_held_out(all_of_them, seed=seed)[1]] for seed in (1, 1, 2)]
    assert chosen[0] == chosen[1] != chosen[2]


@pytest.mark.parametrize("lengths", [(50_000,), (100, 50_000), (50_000, 60_000, 50_000)])
def test_of_few_documents_the_end_of_the_longest_is_held_out(lengths: tuple[int, ...]) -> None:
    all_of_them = documents(*lengths)
    learnt, (end,), how = split_held_out(all_of_them)
    longest = max(all_of_them, key=lambda each: each.characters)
    assert how == f"the end of {longest.path}"
    begin = learnt[all_of_them.index(longest)]
    assert longest.text == begin.text + "\n\n" + end.text
    assert len(learnt) == len(all_of_them)
    assert 0.8 < end.characters / max(5_000, 0.05 * sum(lengths)) < 1.2


@pytest.mark.parametrize("text", ["word " * 4000, "x" * 20_000, "\n".join(["line"] * 4000), "é" * 2000])
def test_a_text_without_paragraphs_is_cut_all_the_same(text: str) -> None:
    (begin,), (end,), _ = split_held_out([TextDocument(Path("a"), text)])
    assert text.startswith(begin.text) and text.rstrip().endswith(end.text.rstrip())
    assert "word" not in text or begin.text.rstrip().endswith("word")
    assert end.characters >= 200


def test_never_too_much_of_a_huge_text() -> None:
    _, held_out, _ = split_held_out([TextDocument(Path("a"), PROSE * 600_000)])
    assert held_out[0].characters < 1_100_000


@pytest.mark.parametrize("few", [[], [TextDocument(Path("a"), "x")]])
def test_what_cannot_be_divided_is_refused(few: list[TextDocument]) -> None:
    with pytest.raises(UserError):
        split_held_out(few)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=30), st.integers(0, 5))
def test_nothing_is_lost_and_nothing_twice(lengths: list[int], seed: int) -> None:
    all_of_them = documents(*lengths)
    try:
        learnt, held_out, _ = split_held_out(all_of_them, seed=seed)
    except UserError:
        assert max(lengths) < 100
        return
    assert learnt and held_out

    def letters(some: list[TextDocument]) -> list[str]:
        return sorted("".join(each.text for each in some).replace("\n", ""))

    assert letters([*learnt, *held_out]) == letters(all_of_them)
