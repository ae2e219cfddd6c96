"""Counting keys: what was taken and deleted again is no help, days and models are apart, the file survives others."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import paths
from core.errors import UserError
from core.statistics.counting import Counts, Tally
from core.statistics.store import add_statistics, forget_statistics, load_statistics, summed

DAY = date(2026, 11, 25)


def write(tally: Tally, text: str, column: int, row: int = 0) -> int:
    for character in text:
        tally.edit((row, column), (row, column), character)
        tally.type()
        column += 1
    return column


def take(tally: Tally, text: str, column: int, row: int = 0, *, first: bool = True) -> int:
    tally.edit((row, column), (row, column), text)
    tally.take((row, column), text, first=first)
    return column + len(text)


def erase(tally: Tally, start: int, end: int, row: int = 0) -> None:
    tally.edit((row, start), (row, end), "")


def test_keys_saved_as_the_design_defines_them() -> None:
    tally = Tally()
    column = write(tally, "forgot", 0)
    column = take(tally, "ten how", column)
    take(tally, " the light", column, first=False)
    assert tally.total == Counts(typed=6, takes=2, taken=17, accepted=1)
    assert tally.saved == 1 - 8 / 23
    assert tally.total.keys_saved == 15


def test_what_is_taken_and_deleted_in_the_paragraph_is_lost() -> None:
    tally = Tally()
    column = take(tally, "ten how", write(tally, "for", 0))
    erase(tally, column - 4, column)
    assert tally.total.lost == 4
    assert tally.total.characters == 6
    erase(tally, 0, 6)  # three typed, three taken
    assert tally.total.lost == 7
    assert tally.saved == pytest.approx(1 - 4 / 3)


def test_what_was_taken_moves_with_the_text_around_it() -> None:
    tally = Tally()
    take(tally, "light", 0)
    tally.edit((0, 2), (0, 2), "--")  # li--ght
    tally.edit((0, 0), (0, 0), "the ")  # the li--ght
    erase(tally, 6, 8)
    assert tally.total.lost == 0
    erase(tally, 0, 9)
    assert tally.total.lost == 5


LEAVING: list[Callable[[Tally], None]] = [
    lambda tally: tally.edit((0, 5), (0, 5), "\n"),
    lambda tally: tally.edit((3, 0), (3, 0), "x"),
    lambda tally: tally.new_text(),
]


@pytest.mark.parametrize("leave", LEAVING)
def test_another_paragraph_or_text_ends_the_following(leave: Callable[[Tally], None]) -> None:
    tally = Tally()
    take(tally, "light", 0)
    leave(tally)
    erase(tally, 0, 5)
    assert tally.total.lost == 0


def test_only_the_last_line_of_what_was_taken_is_followed() -> None:
    tally = Tally()
    take(tally, "light\nfalls", 3)
    erase(tally, 0, 5, row=1)
    assert tally.total.lost == 5


@given(st.lists(st.tuples(st.sampled_from("ted"), st.integers(0, 30), st.integers(1, 8)), max_size=40))
def test_the_figures_agree_with_a_replay_that_marks_each_character(keys: list[tuple[str, int, int]]) -> None:
    tally, marks, lost, typed, taken, takes = Tally(), list[bool](), 0, 0, 0, 0
    for key, place, length in keys:
        at = min(place, len(marks))
        if key == "t":
            write(tally, "x" * length, at)
            marks[at:at], typed = [False] * length, typed + length
        elif key == "e":
            take(tally, "y" * length, at)
            marks[at:at], taken, takes = [True] * length, taken + length, takes + 1
        else:
            erase(tally, at, min(at + length, len(marks)))
            lost += sum(marks[at : at + length])
            del marks[at : at + length]
    total = tally.total
    assert (total.typed, total.taken, total.takes, total.lost) == (typed, taken, takes, lost)


def test_days_and_models_are_counted_apart() -> None:
    days = [DAY]
    tally = Tally("base", lambda: days[0])
    tally.type()
    tally.model = "mine"
    tally.type(2)
    days[0] = date(2026, 11, 26)
    tally.show()
    tally.dismiss()
    parts = tally.drain()
    assert {key: (item.typed, item.shown, item.dismissed) for key, item in parts.items()} == {
        ("2026-11-25", "base"): (1, 0, 0),
        ("2026-11-25", "mine"): (2, 0, 0),
        ("2026-11-26", "mine"): (0, 1, 1),
    }
    assert tally.drain() == {}
    tally.give_back(parts)
    assert tally.drain() == parts


def test_latencies_are_right_to_a_tenth() -> None:
    counts = Counts()
    assert counts.latency(0.5) is None
    for milliseconds in range(1, 101):
        counts.answered(float(milliseconds))
    assert counts.latency(0.5) == pytest.approx(50, rel=0.1)
    assert counts.latency(0.95) == pytest.approx(95, rel=0.1)
    counts.answered(0.0)
    counts.answered(float("inf"))
    assert Counts.from_json(json.loads(json.dumps(counts.as_json()))) == counts


def test_figures_are_kept_privately_and_added_up() -> None:
    add_statistics({("2026-11-25", "base"): Counts(typed=3, takes=1, taken=9)})
    add_statistics({("2026-11-25", "base"): Counts(typed=1), ("2026-11-26", "mine"): Counts(shown=2)})
    days = load_statistics()
    assert list(days) == ["2026-11-25", "2026-11-26"]
    assert summed(days) == Counts(typed=4, takes=1, taken=9, shown=2)
    assert summed(days, day="2026-11-26") == summed(days, model="mine") == Counts(shown=2)
    file = paths.state_folder() / "statistics.json"
    assert file.stat().st_mode & 0o777 == 0o600
    forget_statistics("base")
    assert summed(load_statistics()) == Counts(shown=2)
    forget_statistics()
    assert load_statistics() == {} and not file.exists()


def test_several_writers_lose_nothing() -> None:
    def write() -> None:
        for _ in range(20):
            add_statistics({("2026-11-25", "base"): Counts(typed=1)})

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert summed(load_statistics()).typed == 80


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"days": {"2026-11-25": {"base": '])
def test_a_damaged_file_is_said_and_left_alone(text: str) -> None:
    file = paths.state_folder() / "statistics.json"
    file.write_text(text)
    with pytest.raises(UserError, match="stats --reset"):
        add_statistics({("2026-11-25", "base"): Counts(typed=1)})
    assert file.read_text() == text


def test_what_is_no_count_is_none() -> None:
    file = paths.state_folder() / "statistics.json"
    strange = {"typed": -1, "taken": "9", "takes": True, "latencies": {"x": 1, "3": 2}}
    file.write_text(json.dumps({"days": {"2026-11-25": {"base": strange}, "yesterday": {}, "2026-1-1": 3}}))
    days = load_statistics()
    assert list(days) == ["2026-11-25"]
    counts = summed(days)
    assert (counts.typed, counts.taken, counts.takes, dict(counts.latencies)) == (0, 0, 0, {3: 2})
