"""Where sentences begin and end, in long lines, wrapped lines and Markdown."""

from __future__ import annotations

import pytest

from core.drafts.sentences import end_of, start_after, start_before, starts

LINES = [
    "# A title",
    "",
    "One here. “Two!” Three (so)? Four",
    "goes on. Five",
    "",
    "- item. And more",
    "> quoted",
]


@pytest.mark.parametrize(
    ("row", "columns"), [(0, [2]), (1, []), (2, [0, 10, 17, 29]), (3, [9]), (5, [2, 8]), (6, [2])]
)
def test_the_starts_of_a_line(row: int, columns: list[int]) -> None:
    assert starts(LINES, row) == columns


def test_no_sentence_begins_within_a_number_or_a_name() -> None:
    assert starts(["It cost 3.50 at example.com. Well"], 0) == [0, 29]


def test_one_goes_from_start_to_start() -> None:
    place: tuple[int, int] | None = (6, 8)
    back = []
    while place := start_before(LINES, place):
        back.append(place)
    assert back == [(6, 2), (5, 8), (5, 2), (3, 9), (2, 29), (2, 17), (2, 10), (2, 0), (0, 2)]
    place = (0, 0)
    on = []
    while place := start_after(LINES, place):
        on.append(place)
    assert on == back[::-1]


def test_a_sentence_ends_with_its_marks_or_its_paragraph() -> None:
    assert end_of(LINES, (2, 0)) == (2, 9)
    assert end_of(LINES, (2, 10)) == (2, 16)
    assert end_of(LINES, (2, 29)) == (3, 8)
    assert end_of(LINES, (3, 9)) == (3, 13)
    assert end_of(LINES, (5, 8)) == (5, 16)
    assert end_of(LINES, (0, 2)) == (0, 9)
