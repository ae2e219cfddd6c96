"""Surprises by line: what is asked for again after an edit, what stands out, and where."""

from __future__ import annotations

import pytest

from core.exploring.surprises import STRETCH, Surprises, Word
from core.protocol import SURPRISE_CONTEXT


def lines_of(count: int, length: int = 200) -> list[str]:
    return [f"{number} " + "x" * length for number in range(count)]


def read(surprises: Surprises, lines: list[str], first: int = 0) -> list[tuple[int, int]]:
    """Learn all that is asked for; the stretches."""
    asked: list[tuple[int, int]] = []
    while stretch := surprises.stretch(first):
        asked.append(stretch)
        for row in range(stretch[0], stretch[1] + 1):
            surprises.learn(row, [Word(0, len(lines[row]), 5.0)])
    return asked


def test_all_is_asked_for_from_where_one_looks() -> None:
    lines = lines_of(600)
    surprises = Surprises()
    surprises.follow(lines)
    asked = read(surprises, lines, first=400)
    assert asked[0][0] == 400
    assert asked[-1][1] == 399
    assert sorted(row for first, last in asked for row in range(first, last + 1)) == list(range(600))
    assert all((last - first) * 200 <= STRETCH for first, last in asked)
    assert surprises.share == 1


def test_after_an_edit_only_what_is_near_is_asked_for() -> None:
    lines = lines_of(300)
    surprises = Surprises()
    surprises.follow(lines)
    read(surprises, lines)
    changed = [*lines]
    changed[100] += " more"
    surprises.follow(changed)
    asked = read(surprises, changed)
    reach = SURPRISE_CONTEXT // 200
    assert asked[0][0] == 100
    assert 100 + reach - 2 <= asked[-1][1] <= 100 + reach + 1
    surprises.follow(["a new line", *changed])
    asked = read(surprises, ["a new line", *changed])
    assert asked[0][0] == 0 and reach <= asked[-1][1] <= reach + 2


def test_what_is_read_before_a_line_is_never_more_than_its_key_holds() -> None:
    lines = lines_of(30, length=500)
    surprises = Surprises()
    surprises.follow(lines)
    read(surprises, lines)
    changed = ["other", *lines[1:]]
    surprises.follow(changed)
    asked = read(surprises, changed)
    assert (
        asked[-1][1] >= SURPRISE_CONTEXT // 502
    )  # a line that begins within the engine's reach of the change


def test_lines_without_words_need_no_asking() -> None:
    surprises = Surprises()
    surprises.follow(["", "  ", "one", "", "two"])
    assert surprises.words(0) == () == surprises.words(1)
    assert surprises.words(2) is None
    assert surprises.stretch(0) == (2, 4)
    assert surprises.words(9) is None


def test_another_model_has_other_surprises() -> None:
    surprises = Surprises()
    surprises.follow(["one"])
    surprises.learn(0, [Word(0, 3, 1.0)])
    assert surprises.stretch(0) is None
    surprises.forget()
    assert surprises.stretch(0) == (0, 0)


def test_what_stands_out_is_far_above_the_mean_and_above_its_neighbours() -> None:
    surprises = Surprises()
    surprises.follow(["a b c d e f g h i j", "", "k l m"])
    bits = [5, 6, 5, 30, 22, 5, 6, 5, 4, 5]
    surprises.learn(0, [Word(2 * at, 2 * at + 1, value) for at, value in enumerate(bits)])
    surprises.learn(2, [Word(0, 1, 5), Word(2, 3, 28), Word(4, 5, 5)])
    assert [word.start for word in surprises.peaks(0)] == [6]
    assert surprises.mean == pytest.approx((sum(bits) + 38) / 13)
    assert surprises.at((0, 7)) == Word(6, 7, 30)
    assert surprises.at((2, 9)) is None
    assert [surprises.next_peak(place, 1) for place in ((0, 0), (0, 6), (2, 2))] == [(0, 6), (2, 2), (0, 6)]
    assert [surprises.next_peak(place, -1) for place in ((2, 5), (2, 2), (0, 6))] == [(2, 2), (0, 6), (2, 2)]


def test_the_only_peak_is_found_from_itself() -> None:
    surprises = Surprises()
    surprises.follow(["a b c"])
    surprises.learn(0, [Word(0, 1, 1), Word(2, 3, 30), Word(4, 5, 1), Word(6, 7, 1), Word(8, 9, 1)])
    assert surprises.next_peak((0, 2), 1) == (0, 2) == surprises.next_peak((0, 2), -1)


def test_nothing_stands_out_of_an_even_text() -> None:
    surprises = Surprises()
    surprises.follow(["a b c"])
    assert surprises.mean is None and surprises.next_peak((0, 0), 1) is None
    surprises.learn(0, [Word(0, 1, 5), Word(2, 3, 5), Word(4, 5, 5)])
    assert surprises.peaks(0) == []
    assert surprises.next_peak((0, 0), 1) is None


def test_figures_are_those_of_what_is_left_after_an_edit() -> None:
    surprises = Surprises()
    surprises.follow(["one", "two"])
    surprises.learn(0, [Word(0, 3, 4.0)])
    surprises.learn(1, [Word(0, 3, 8.0)])
    surprises.learn(1, [Word(0, 3, 9.0)])  # told twice, it counts once
    assert (surprises.mean, surprises.share) == (6.0, 1.0)
    surprises.follow(["one", "other"])
    assert surprises.mean == 4.0
    assert surprises.share == 3 / 8


def test_levels_go_from_expected_to_astonishing() -> None:
    assert [Word(0, 1, bits).level for bits in (0, 5.9, 6, 10, 15, 20, 99)] == [0, 0, 1, 2, 3, 4, 4]
