"""Markdown by line: what its parts are, which lines are code after any edit, where the headings are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.drafts.markdown import LONGEST, Fences, headings, spans


def parts(line: str, kind: str) -> list[str]:
    return [line[start:end] for start, end, what in spans(line) if what == kind]


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("## A *title*", "heading", ["## A *title*"]),
        ("## A *title*", "emphasis", ["title"]),
        ("#no heading", "heading", []),
        ("a **strong *and more* word** b", "strong", ["strong *and more* word"]),
        ("a **strong *and more* word** b", "emphasis", ["and more"]),
        ("_so_ snake_case_name 2 * 3 * 4 don't*", "emphasis", ["so"]),
        ("`a *b* c` and ``d`e``", "code", ["a *b* c", "d`e"]),
        ("`a *b* c`", "emphasis", []),
        ("see [here](http://a.b/c) or https://d.e/f, and ![x](y)", "link", ["here", "https://d.e/f", "x"]),
        ("~~gone~~", "struck", ["gone"]),
        (r"\*not\*", "emphasis", []),
        ("> quoted *so*", "quote", ["> quoted *so*"]),
        ("> quoted *so*", "emphasis", ["so"]),
        ("- [x] done", "mark", ["- [x] "]),
        ("* * *", "mark", ["* * *"]),
        ("**never closed", "strong", []),
    ],
)
def test_parts_of_a_line(line: str, kind: str, expected: list[str]) -> None:
    assert parts(line, kind) == expected


@given(st.text(st.sampled_from("a *_`[]()~#>-\\!:/."), max_size=60))
def test_spans_lie_within_the_line(line: str) -> None:
    for start, end, _ in spans(line):
        assert 0 <= start <= end <= len(line)


def test_code_and_what_is_too_long_are_not_looked_into() -> None:
    assert spans("*a*", code=True) == [(0, 3, "code")]
    assert spans("*a* " * LONGEST) == []


def test_fences() -> None:
    lines = ["a", "```py", "# no heading", "~~~", "```", "b", "# A #", "~~~~", "c"]
    fences = Fences(lines)
    assert [row for row in range(len(lines)) if fences.inside(row)] == [1, 2, 3, 4, 7, 8]
    (found,) = headings(lines, fences)
    assert (found.row, found.level, found.title) == (6, 1, "A")


LINE = st.sampled_from(["", "a", "```", "```py", "~~~", "````", "# b"])


@given(
    st.lists(LINE, min_size=1, max_size=8),
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 3), st.lists(LINE, min_size=1, max_size=3)), max_size=5
    ),
)
def test_fences_follow_edits(lines: list[str], edits: list[tuple[int, int, list[str]]]) -> None:
    fences = Fences(lines)
    for at, count, new in edits:
        top = min(at, len(lines) - 1)
        bottom = min(top + count, len(lines) - 1)
        lines[top : bottom + 1] = new
        fences.follow(top, bottom, top + len(new) - 1, lines)
        fresh = Fences(lines)
        assert [fences.inside(row) for row in range(len(lines))] == [
            fresh.inside(row) for row in range(len(lines))
        ]
