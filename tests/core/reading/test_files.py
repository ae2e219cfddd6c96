"""Finding files: any folder is gone through, what is ignored or cannot be used is left out with its reason."""

import bz2
import gzip
import hashlib
import lzma
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.paths import settings_file
from core.reading import files, ignore
from core.reading.corpus import MIN_CHARACTERS, read_paths
from core.reading.files import named
from core.reading.limits import MAX_FILE_BYTES
from core.settings import change_setting, load_settings
from tests.core.reading.tools import BINARY, PROSE, fault, read, reasons, texts, write


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/c.rst", "sub/deeper/d.org", "e.tex", "README", "notes.unknown"):
        write(tmp_path / name, f"{name} {PROSE}\n")
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
    assert texts(corpus) == [PROSE]
    assert set(reasons(corpus)) == {"held.txt", "copy.txt", "private"}
    assert "held.txt" in fault(held, exclude=[held])


def test_within_a_folder_what_cannot_be_used_is_left_out_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    write(tmp_path / "binary.txt", BINARY)
    write(tmp_path / "empty.txt", b"")
    write(tmp_path / "blank.txt", b" \n\f\n\r\n")
    write(tmp_path / "code.py", "print('no prose')\n")
    write(tmp_path / "letter.doc", b"\xd0\xcf\x11\xe0" + BINARY)
    write(tmp_path / "book.azw3", BINARY)
    write(tmp_path / "cut.txt.xz", lzma.compress(PROSE.encode() * 99)[:-20])
    write(tmp_path / "false.txt.gz", "no archive")
    os.mkfifo(tmp_path / "pipe.txt")
    corpus = read(tmp_path)
    assert texts(corpus) == [PROSE]
    found = reasons(corpus)
    assert found["binary.txt"] == "a binary file"
    assert found["empty.txt"] == found["blank.txt"] == "empty"
    assert found["code.py"] == ".py files are no prose"
    assert found["letter.doc"] == ".doc files are not read: save it as .docx or .odt"
    assert found["book.azw3"] == ".azw3 files are not read: save it as .epub"
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
    assert "it is no PDF" in fault(good, write(tmp_path / "p.pdf", b"PDF"))
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
    prose = "word " * (MIN_CHARACTERS // 5 - 1)
    path = write(tmp_path / "a.txt", prose + "four")
    with pytest.raises(UserError, match=r"a\.txt: 1,999 characters .* 2,000 are needed"):
        read_paths([path])
    write(path, prose + "fives")
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
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1 << 20)
    assert "larger than 1 MB when expanded" in fault(
        write(tmp_path / f"bomb{suffix}", compress(bytes(1 << 22)))
    )
    assert "compressed parts" in fault(write(tmp_path / f"many{suffix}", compress(b"") * 1001))


def test_what_is_too_large_is_left_out(tmp_path: Path) -> None:
    with open(tmp_path / "huge.txt", "wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)  # sparse: takes no room
    assert "larger than 64 MB" in fault(tmp_path / "huge.txt")


def test_progress_is_told_at_the_end(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / name, name + PROSE)
    told: list[tuple[int, int]] = []
    corpus = read(tmp_path, progress=lambda files, characters: told.append((files, characters)))
    assert told[-1] == (3, corpus.characters)
    assert told == sorted(told)


def test_gitignore_is_honoured_at_every_depth(tmp_path: Path) -> None:
    write(
        tmp_path / ".gitignore",
        "*.log.txt\nbuild/\n/only-here.txt\ndrafts/*\n!drafts/kept.txt\n# comment\n\n",
    )
    write(tmp_path / "sub/.gitignore", "!again.log.txt\nsecret*\n")
    for name in (
        "a.txt", "x.log.txt", "build/b.txt", "only-here.txt", "drafts/no.txt", "drafts/kept.txt", "sub/only-here.txt",
        "sub/again.log.txt", "sub/x.log.txt", "sub/secrets.txt", "sub/deep/secret.txt", "sub/deep/build/c.txt",
    ):  # fmt: skip
        write(tmp_path / name, f"{name} {PROSE}")
    corpus = read(tmp_path)
    read_names = {str(file.path.relative_to(tmp_path)) for file in corpus.files}
    assert read_names == {"a.txt", "drafts/kept.txt", "sub/only-here.txt", "sub/again.log.txt"}
    assert set(reasons(corpus).values()) == {"ignored by a .gitignore"}
    assert corpus.groups["ignored by a .gitignore"].count == 8
    assert len(read(tmp_path / "x.log.txt").files) == 1  # what is named is read


def test_rules_above_hold_within_a_repository_only(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*.draft.txt\n/closed\n")
    for folder in ("open", "closed"):
        write(tmp_path / folder / "a.txt", f"{folder} a {PROSE}")
        write(tmp_path / folder / "b.draft.txt", f"{folder} b {PROSE}")
    assert len(read(tmp_path / "open").files) == 2
    (tmp_path / ".git").mkdir()
    assert [file.path.name for file in read(tmp_path / "open").files] == ["a.txt"]
    assert len(read(tmp_path / "closed").files) == 2  # named although git ignores it


@pytest.mark.parametrize(
    "line", ["*a*a*a*a*a*a*a*b", "[z-a]", "**/**/**/**/x", "\x00", "a" * 5000, "!", "\\"]
)
def test_hostile_patterns_are_passed_over(tmp_path: Path, line: str) -> None:
    write(tmp_path / ".gitignore", f"{line}\n*.draft.txt\n")
    write(tmp_path / ("a" * 200 + ".txt"), PROSE)
    write(tmp_path / "b.draft.txt", "b " + PROSE)
    assert len(read(tmp_path).files) == 1


def test_what_the_settings_exclude_is_never_read(tmp_path: Path) -> None:
    texts_in = tmp_path / "texts"
    for name in ("a.txt", "private/b.txt", "c.secret.md", "deep/journal/d.txt"):
        write(texts_in / name, f"{name} {PROSE}")
    (texts_in / "link.txt").symlink_to(texts_in / "private/b.txt")
    change_setting("exclude", [str(texts_in / "private"), "*.secret.*", "journal/"])
    assert load_settings().problems == ()
    corpus = read(texts_in)
    assert [file.path.name for file in corpus.files] == ["a.txt"]
    assert set(reasons(corpus).values()) == {files.EXCLUDED}
    for name in ("private/b.txt", "private", "c.secret.md", "link.txt"):
        assert files.EXCLUDED in fault(texts_in / name)


@pytest.mark.parametrize(
    "text", ["exclude = [", 'exclude = "~/diary"', "exclude = [3]", 'exclude = ["[z-a]"]']
)
def test_where_it_cannot_be_told_what_is_excluded_nothing_is_read(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "a.txt", PROSE)
    settings_file().write_text(text)
    assert "correct it first" in fault(path)
    settings_file().write_text("width = 3")  # wrong, but not about learning
    assert texts(read(path)) == [PROSE]


def test_exclusion_by_a_path_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    excluded = ignore.Excluded(["~/diary"])
    assert tmp_path / "diary" in excluded and tmp_path / "diary/a.txt" in excluded
    assert tmp_path / "diary.txt" not in excluded and tmp_path not in excluded


def test_folders_in_folders_without_end_are_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_DEPTH", 3)
    write(tmp_path / "a/b/c/ok.txt", PROSE)
    write(tmp_path / "a/b/c/d/deep.txt", "deep " + PROSE)
    corpus = read(tmp_path)
    assert texts(corpus) == [PROSE]
    assert reasons(corpus) == {"d": "more than 3 folders deep"}


def test_of_very_many_left_out_files_the_first_are_named_and_all_counted(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", PROSE)
    for number in range(1_200):
        write(tmp_path / f"{number:04}.py", "x")
    corpus = read(tmp_path)
    assert len(corpus.left_out) == 1_000
    assert corpus.left_out_count == 1_200
    (group,) = corpus.groups.items()
    assert group[0] == "no prose, by their kind"
    assert group[1].names == [f"{number:04}.py" for number in range(5)]


def test_a_file_is_known_by_one_path_however_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "drafts").mkdir()
    note = tmp_path / "notes" / "a.md"
    note.write_text("text")
    monkeypatch.chdir(tmp_path / "drafts")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert {named(Path(path)) for path in ("../notes/a.md", "~/notes/./a.md", note)} == {note}
