"""What the benchmarks compute: percentiles, tables, and that each of them is found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.__main__ import names
from benchmarks.common import Table, Times, measure, side_by_side


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_lie_within_what_was_measured(durations: list[float]) -> None:
    times = Times.of(durations)
    assert min(durations) <= times.median <= times.p95 <= max(durations)
    assert times.percentile(0) == min(durations)
    assert times.percentile(100) == max(durations)


def test_percentiles_of_a_hundred() -> None:
    times = Times.of([float(n) for n in range(101)])
    assert (times.median, times.p95) == (50, 95)


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="no durations"):
        Times.of([])


def test_the_warm_up_is_not_measured() -> None:
    calls: list[int] = []
    assert len(measure(lambda: calls.append(1), times=5, warm_up=3).milliseconds) == 5
    assert len(calls) == 8


def test_things_are_measured_in_turns() -> None:
    order: list[str] = []
    side_by_side({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, times=2, warm_up=0)
    assert order == ["a", "b", "a", "b"]


def test_a_table_is_markdown_and_json() -> None:
    table = Table("Title", ("what", "ms"), [["one", "1.0"]], ["note"])
    lines = table.text().splitlines()
    assert lines[0] == "## Title"
    assert lines[2] == "| what | ms  |"
    assert json.loads(json.dumps(table.as_json()))["rows"] == [["one", "1.0"]]


def test_the_runner_finds_the_benchmarks() -> None:
    assert "start" in names()
    assert "common" not in names()
