"""Comparing two texts: by line, and within lines that are alike by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.drafts.comparing import Line, compare

TEXTS = st.text(st.sampled_from("ab \n"), max_size=40)


def test_words_within_a_line() -> None:
    assert compare("The light falls on it.", "The light fell on it.") == [
        Line((("same", "The light "), ("out", "falls"), ("in", "fell"), ("same", " on it.")))
    ]


def test_what_is_the_same_is_left_out_but_for_a_line_around() -> None:
    older = "\n".join(f"line {number}" for number in range(10))
    lines = compare(older, older.replace("line 5", "quite another text"))
    assert lines[0].parts is None
    assert lines[1].parts == (("same", "line 4"),)
    assert lines[2:4] == [Line((("out", "line 5"),)), Line((("in", "quite another text"),))]
    assert lines[-1].parts is None
    assert compare(older, older) == []


@given(TEXTS, TEXTS)
def test_both_texts_are_in_it(older: str, newer: str) -> None:
    shown = [part for line in compare(older, newer) for part in line.parts or ()]
    assert (older == newer) == (not any(change != "same" for change, _ in shown))
    for text, gone in ((older, "in"), (newer, "out")):
        pieces = "".join(piece for change, piece in shown if change != gone)
        assert "".join(pieces.split("\n")) in "".join(text.split("\n")) or None in [
            line.parts for line in compare(older, newer)
        ]
