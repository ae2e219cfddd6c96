"""What a draft's memory holds after edits: exactly what it holds of the same text opened anew."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.drafts.document import Document
from core.prediction import passages as module
from core.prediction.passages import Passages
from models.draft import DraftMemory

LETTERS = "ab cd.\n"
texts = st.text(LETTERS, max_size=40)


class Follower:
    """A memory, and the passages that were put into it."""

    def __init__(self) -> None:
        self.memory = DraftMemory(128)
        self.encoded = 0
        self.passages = Passages(self.memory, self.encode)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        self.encoded += sum(map(len, texts))
        return [[ord(character) for character in text] for text in texts]

    def held(self) -> list[str]:
        return sorted(text for text, numbers in self.passages._held.items() for _ in numbers)


def held(document: Document, cursor: tuple[int, int], after: str = "") -> list[str]:
    follower = Follower()
    follower.passages.follow(document, cursor, after)
    return follower.held()


@settings(max_examples=50, deadline=None)
@given(
    texts, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9), texts), max_size=8), st.integers(0, 300)
)
def test_edits_anywhere_leave_what_a_fresh_memory_holds(
    text: str, edits: list[tuple[int, int, str]], place: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "BEFORE", 30)
        patched.setattr(module, "AFTER", 12)
        patched.setattr(module, "LONG", 9)
        document, follower = Document(text), Follower()
        for at, length, inserted in edits:
            whole = document.text
            at %= len(whole) + 1
            document.apply(position(whole, at), position(whole, min(at + length, len(whole))), inserted)
            follower.passages.follow(document, position(document.text, min(at, len(document.text))))
        cursor = position(document.text, place % (len(document.text) + 1))
        follower.passages.follow(document, cursor)
        assert follower.held() == held(document, cursor)
        assert follower.memory.size == sum(map(len, follower.held()))


def position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


def test_the_word_at_the_cursor_is_not_held() -> None:
    document = Document("The harbour.\nWe saw the harb and left")
    assert held(document, (1, 15)) == sorted(["The harbour.", "We saw the", " and left"])
    assert held(document, (1, 13)) == sorted(["The harbour.", "We saw the", " and left"])


def test_text_taken_as_if_it_stood_at_the_cursor_is_held_so() -> None:
    document, typed = Document("One two"), Document("One two three\nfour five")
    assert held(document, (0, 7), " three\nfour five") == held(typed, typed.end)


def test_an_edit_costs_what_it_changes() -> None:
    document = Document("\n".join(f"This is line {number} of a long text." for number in range(1000)))
    follower = Follower()
    follower.passages.follow(document, (500, 10))
    follower.encoded = 0
    document.apply((500, 10), (500, 10), " words ")
    follower.passages.follow(document, (500, 17))
    assert follower.encoded < 100
    follower.encoded = 0
    follower.passages.follow(document, (500, 17))
    assert not follower.encoded


def test_a_line_without_an_end_is_held_in_pieces() -> None:
    line = "word " * 5000
    document, follower = Document(line + "x" + line), Follower()
    follower.passages.follow(document, (0, len(line)))
    for number in range(1, 20):
        document.apply((0, len(line) + number - 1), (0, len(line) + number - 1), "y")
    follower.encoded = 0
    document.apply((0, len(line) + 19), (0, len(line) + 19), " z ")
    follower.passages.follow(document, (0, len(line) + 22))
    assert follower.encoded < 3 * module.LONG


def test_what_is_held_is_bounded() -> None:
    document, follower = Document("line of text\n" * 20_000), Follower()
    follower.passages.follow(document, (10_000, 0))
    assert sum(map(len, follower.held())) <= module.BEFORE + module.AFTER
    assert len(follower.held()) <= 2 * module.ROWS + 2
