"""The document and its rows: every byte survives edits elsewhere, and a fast answer is the slow one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.document._document import Location
from textual.geometry import Offset

from core.drafts.document import Document
from core.text import count_words
from tui.widgets import cells
from tui.widgets.cells import _NARROW, _size, _wrap_any, cell_length, column_at_cell, rewrap, wrap_offsets
from tui.widgets.ghost import Ghost, lay_out, make_ghost
from tui.widgets.prose import DraftDocument, ProseWrap

HARD = st.text(
    st.sampled_from("ab c  de\t\n\r\x0c\x0b\x1c\x85\u2028\u0301é漢👩\u200dש\x00\udc80.") | st.characters(),
    max_size=60,
)
LINES = st.text(st.sampled_from("ab c  def\n\t漢"), max_size=80)


@given(HARD)
def test_text_comes_out_as_it_went_in(text: str) -> None:
    assert DraftDocument(text).text == text


def test_new_lines_get_the_commonest_end_and_others_keep_theirs() -> None:
    document = DraftDocument("one\r\ntwo\nthree\r\n")
    document.replace_range((0, 3), (0, 3), "\nmore")
    assert document.text == "one\r\nmore\r\ntwo\nthree\r\n"


def edits() -> st.SearchStrategy[list[tuple[tuple[int, int], tuple[int, int], str]]]:
    place = st.tuples(st.integers(0, 6), st.integers(0, 30))
    return st.lists(st.tuples(place, place, LINES | HARD), max_size=6)


@given(LINES | HARD, edits())
@settings(deadline=None)
def test_edits_agree_with_the_engine_and_undo_brings_every_byte_back(
    text: str, changes: list[tuple[tuple[int, int], tuple[int, int], str]]
) -> None:
    document = DraftDocument(text)
    engine = Document(document.plain_text)
    told: list[tuple[Location, Location, str]] = []
    document.listener = lambda start, end, new: told.append((start, end, new))
    undo: list[tuple[Location, Location, str]] = []
    for start, end, new in changes:
        result = document.replace_range(start, end, new)
        undo.append((told[-1][0], result.end_location, result.replaced_text))
        engine.apply(*told[-1])
        assert document.plain_text == engine.text
        assert document.words == count_words(document.plain_text)
    for start, end, old in reversed(undo):
        document.replace_range(start, end, old)
    assert document.text == text


@given(LINES, st.integers(1, 30), edits())
@settings(deadline=None)
def test_rows_after_edits_are_those_of_a_new_wrapping(
    text: str, width: int, changes: list[tuple[tuple[int, int], tuple[int, int], str]]
) -> None:
    document = DraftDocument(text)
    wrapped = ProseWrap(document, width, 4)
    wrapped.wrap(width, 4)
    for start, end, new in changes:
        top, bottom = sorted((document.clamp(start), document.clamp(end)))
        result = document.replace_range(start, end, new)
        wrapped.follow(top, bottom, result.end_location)
        fresh = ProseWrap(document, width, 4)
        fresh.wrap(width, 4)
        assert wrapped._wrap_offsets == fresh._wrap_offsets
        assert wrapped._first_rows == fresh._first_rows
        for row in range(wrapped.height):
            line, first, last = wrapped.place(row) or (-1, 0, 0)
            assert wrapped.row_of((line, first)) == row
            assert wrapped.offset_to_location(Offset(0, row)) == (line, first)
            assert wrapped.get_sections(line)[row - wrapped.row_of((line, 0))] == document[line][first:last]
        assert wrapped.place(wrapped.height) is None


@given(st.text(st.sampled_from("ab  c."), max_size=80), st.integers(1, 20))
def test_the_fast_wrapping_of_plain_text_is_the_general_one(line: str, width: int) -> None:
    assert wrap_offsets(line, width, 4) == (_wrap_any(line, width, 4) if len(line) > width else [])


@given(
    st.text(st.sampled_from("ab c  def\t漢é\u0301\u200d\ufe0f👩…"), max_size=150),
    st.integers(1, 12),
    st.tuples(st.integers(0, 150), st.integers(0, 150)),
    st.text(st.sampled_from("ab  漢\t\u0301\u200d"), max_size=20),
)
@settings(deadline=None, max_examples=400)
def test_wrapping_from_the_edit_on_is_wrapping_the_whole_line(
    line: str, width: int, places: tuple[int, int], text: str
) -> None:
    start, end = sorted(min(place, len(line)) for place in places)
    after = line[:start] + text + line[end:]
    breaks = rewrap(after, wrap_offsets(line, width, 4), start, end, start + len(text), width, 4)
    assert breaks == wrap_offsets(after, width, 4)


def test_a_key_in_a_long_line_looks_at_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "Zwölf große Äpfel kosten fünf Groschen, sagte er. " * 2000
    breaks = wrap_offsets(line, 60, 4)
    looked: list[int] = []
    row = cells._row

    def counted(line: str, start: int, width: int, tab: int) -> tuple[int, int]:
        looked.append(start)
        return row(line, start, width, tab)

    monkeypatch.setattr(cells, "_row", counted)
    after = line[:50_000] + "x" + line[50_000:]
    assert rewrap(after, breaks, 50_000, 50_000, 50_001, 60, 4) == cells._wrap_any(after, 60, 4)
    assert len([start for start in looked[: -len(breaks) - 1]]) < 100


def test_what_is_taken_for_narrow_is() -> None:
    for code in range(0x3000):
        if _NARROW.fullmatch(chr(code)):
            assert _size(chr(code), 0, 4) == 1
            assert not chr(code).isspace() or chr(code) == " "


def test_no_break_after_a_space_that_forbids_it() -> None:
    assert wrap_offsets("aaa bb\u00a0cc", 8, 4) == [4]


@given(HARD | LINES, st.integers(2, 20))
def test_rows_fit_and_lose_nothing(text: str, width: int) -> None:
    for line in DraftDocument(text).lines:
        edges = [0, *wrap_offsets(line, width, 4), len(line)]
        assert edges == sorted(edges)
        assert all(start < end for start, end in pairwise(edges)) or not line
        if "\t" not in line and "\u200d" not in line:
            for start, end in pairwise(edges):
                assert cell_length(line[start:end], 4) <= width + 1


def test_a_space_typed_at_the_end_of_a_row_moves_no_word() -> None:
    assert wrap_offsets("aaaa bbbb", 9, 4) == []
    assert wrap_offsets("aaaa bbbb ", 9, 4) == []
    assert wrap_offsets("aaaa bbbb c", 9, 4) == [10]
    assert wrap_offsets("aaaaa bbbbb", 8, 4) == [6]


def test_columns_of_cells() -> None:
    assert [column_at_cell("a漢b", cell, 4) for cell in range(6)] == [0, 1, 1, 2, 3, 3]
    assert [column_at_cell("a\tb", cell, 4) for cell in (0, 1, 3, 4, 5)] == [0, 1, 1, 2, 3]


def test_a_ghost_lies_over_rows_by_whole_words() -> None:
    assert lay_out(" and so on it goes", 10, 16, 2, 4).rows == (" and", "so on it goes")
    assert lay_out(" and so on it goes", 10, 16, 1, 4).shown == len(" and")
    assert lay_out("ten how", 15, 16, 2, 4).rows == ("", "ten how")
    assert lay_out("ten how", 15, 16, 1, 4).shown == 0
    assert lay_out(" 漢字漢字 a", 0, 10, 1, 4).shown == 5


@given(
    st.text(st.sampled_from("ab  c漢"), min_size=1, max_size=60),
    st.integers(0, 12),
    st.integers(1, 12),
    st.integers(1, 4),
)
def test_a_ghost_never_leaves_its_rows(text: str, x: int, width: int, rows: int) -> None:
    layout = lay_out(text, x, width, rows, 4)
    assert len(layout.rows) <= rows
    for index, row in enumerate(layout.rows):
        room = width - x if index == 0 else width
        assert cell_length(row.rstrip(), 4) <= max(room, 0)


def test_a_ghost_goes_on_only_from_what_it_says() -> None:
    ghost = make_ghost(["ten how", "ten years", "et it", "ten how"])
    assert ghost == Ghost(("ten how", "ten years", "et it"))
    assert ghost is not None
    assert ghost.after("ten") == Ghost((" how", " years"))
    assert ghost.turned(1).after("ten") == Ghost((" how", " years"), 1)
    assert ghost.after("x") is None
    assert ghost.after("ten how") is None
    assert make_ghost(["\x1b", "  "]) is None
