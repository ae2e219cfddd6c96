"""What was read before counts once: copies, drafts, copies in other formats, and what many files share."""

from pathlib import Path

import pytest

from core.reading import duplicates, spool
from core.reading.duplicates import Duplicates
from core.reading.found import TextDocument, Texts
from core.reading.spool import Spool
from tests.core.reading.tools import PROSE, essay, read, reasons, texts, write


def in_paragraphs(text: str) -> str:
    sentences = text.split(". ")
    return ".\n\n".join(". ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3))


def test_a_draft_and_its_copy_count_once(tmp_path: Path) -> None:
    final = essay(1, 60)
    sentences = final.split(". ")
    changed = {number: f"Something else was here {number}" for number in range(5, len(sentences), 12)}
    draft = ". ".join(changed.get(number, sentence) for number, sentence in enumerate(sentences))
    write(tmp_path / "a-draft.txt", draft)
    write(tmp_path / "b-final.md", final)
    write(tmp_path / "c-other.txt", essay(2, 60))
    corpus = read(tmp_path)
    assert texts(corpus) == [draft, essay(2, 60)]
    assert reasons(corpus) == {"b-final.md": f"nearly the same text as {tmp_path / 'a-draft.txt'}"}
    assert corpus.groups["nearly the same text as another file"].count == 1


def test_what_differs_is_kept(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / f"{number:02}.txt", essay(number))
    corpus = read(tmp_path)
    assert len(corpus.documents) == 30
    assert corpus.repeated == 0


def test_a_text_that_goes_on_is_learnt_from_where_it_goes_on(tmp_path: Path) -> None:
    first, more = in_paragraphs(essay(1, 60)), in_paragraphs(essay(2, 60))
    write(tmp_path / "a.txt", first)
    write(tmp_path / "b.txt", f"{first}\n\n{more}")
    corpus = read(tmp_path)
    assert texts(corpus) == [first, more]
    assert corpus.repeated == sum(map(len, first.split("\n\n")))


def test_an_excerpt_of_what_was_read_is_a_copy(tmp_path: Path) -> None:
    whole = essay(1, 300)
    write(tmp_path / "a.txt", whole)
    write(tmp_path / "b.txt", " ".join(whole.split(" ")[200:1400]))
    assert set(reasons(read(tmp_path))) in ({"b.txt"}, set())


def test_paragraphs_that_many_files_share_count_once(tmp_path: Path) -> None:
    notice = "This letter is meant for whom it is addressed to, and for nobody else; forget it, please."
    for number in range(30):
        write(
            tmp_path / f"{number:02}.txt",
            f"{essay(number)}\n\nKind regards,\n\nAnna Example, harbour master\n\n{notice}",
        )
    corpus = read(tmp_path)
    together = "\n\n".join(texts(corpus))
    assert together.count(notice) == 1
    assert together.count("Kind regards,") == 30
    assert together.count("Anna Example, harbour master") == duplicates.MOST_SHORT
    assert corpus.repeated == 29 * len(notice) + 20 * len("Anna Example, harbour master")


def test_a_refrain_within_a_text_stays(tmp_path: Path) -> None:
    refrain = "And the light fell on the harbour, and nobody saw it, and nobody said a word about it at all."
    poem = "\n\n".join(part for number in range(15) for part in (essay(number, 3), refrain))
    write(tmp_path / "a.txt", poem)
    assert texts(read(tmp_path)) == [poem]


def test_a_copy_of_what_is_held_out_is_not_learnt(tmp_path: Path) -> None:
    held = write(tmp_path / "held.txt", essay(1, 60))
    write(tmp_path / "copy.md", "# Title\n\n" + essay(1, 60))
    write(tmp_path / "other.txt", essay(2, 60))
    corpus = read(tmp_path, exclude=[held])
    assert texts(corpus) == [essay(2, 60)]
    assert reasons(corpus)["copy.md"] == f"nearly the same text as {held}"


@pytest.mark.parametrize("text", ["", "one", PROSE, "word " * 50_000, "a b c d e f g h " * 10_000])
def test_texts_that_say_little(text: str) -> None:
    seen = Duplicates()
    assert seen.nearly_in(text, Path("a")) is None
    assert seen.nearly_in(text, Path("b")) is None


def test_samples_are_the_same_in_every_process() -> None:
    assert (
        duplicates.Duplicates()._sample("a b c d e f g")[:1]
        == duplicates.Duplicates()._sample("a b c d e f g")[:1]
    )


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_REMEMBERED", 100)
    seen = Duplicates()
    for number in range(50):
        assert seen.nearly_in(essay(number), Path(str(number))) is None
        assert seen.without_repeated([essay(number, 1)] * 20)
    assert len(seen._first) < 300 and len(seen._paragraphs) <= 101


def test_more_text_than_memory_should_hold_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 100)
    kept = Spool()
    documents = [TextDocument(Path("a"), f"{number} é " * number, number, kept) for number in range(50)]
    assert [document.text for document in documents] == [f"{number} é " * number for number in range(50)]
    assert kept._file is not None
    assert "part 3" in repr(documents[3])


def test_texts_are_made_when_they_are_asked_for() -> None:
    documents = [TextDocument(Path("a"), f"text {number}", number) for number in range(4)]
    made = Texts(documents, str.upper)
    assert (len(made), made[1], made[::2]) == (4, "TEXT 1", ["TEXT 0", "TEXT 2"])
    assert list(Texts(documents)) == [f"text {number}" for number in range(4)]
