"""A document is what the same edits make of a plain string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.drafts.document import Document, Position
from core.errors import UserError

TEXTS = st.text(st.sampled_from("ab \n"), max_size=12)


def offset(text: str, position: Position) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: position[0]]) + position[1]


def place(text: str, at: int) -> Position:
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), TEXTS), max_size=8))
def test_edits(text: str, edits: list[tuple[int, int, str]]) -> None:
    document = Document(text)
    for first, second, new in edits:
        start, end = sorted((first % (len(text) + 1), second % (len(text) + 1)))
        document.apply(place(text, start), place(text, end), new)
        text = text[:start] + new + text[end:]
        assert document.text == text
        assert document.end == place(text, len(text))


@given(TEXTS, st.integers(0, 40), st.integers(0, 20))
def test_what_lies_before_a_place(text: str, at: int, limit: int) -> None:
    at %= len(text) + 1
    cursor = place(text, at)
    document = Document(text)
    assert document.before(cursor) == text[:at]
    assert document.before(cursor, limit) == text[max(0, at - limit) : at]
    assert document.rest_of_line(cursor) == text[at:].split("\n")[0]
    assert offset(text, cursor) == at


@pytest.mark.parametrize(
    ("start", "end"), [((0, 4), (0, 4)), ((0, 0), (2, 0)), ((1, 1), (1, 0)), ((-1, 0), (0, 0))]
)
def test_an_edit_outside_the_text_changes_nothing(start: Position, end: Position) -> None:
    document = Document("abc\nd")
    with pytest.raises(UserError, match="outside the draft"):
        document.apply(start, end, "x")
    assert document.text == "abc\nd"


def test_the_nearest_place_that_exists() -> None:
    document = Document("abc\nd")
    assert [document.clip(p) for p in [(0, 9), (7, 0), (-1, 5), (1, -2), (1, 1)]] == [
        (0, 3),
        (1, 1),
        (0, 0),
        (1, 0),
        (1, 1),
    ]


def test_positions_from_the_wire_are_lists() -> None:
    document = Document("ab")
    document.apply([0, 1], [0, 1], "x")  # type: ignore[arg-type]
    assert document.text == "axb"
