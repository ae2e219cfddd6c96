"""Finding and replacing: both ways around, by case and by whole words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from core.drafts.finding import Query, count_matches, next_match, previous_match, replaced

LINES = ["The cat", "concatenate: cat, CAT", "", "a.c"]


def test_the_next_and_the_previous_one_go_round() -> None:
    query = Query("cat")
    assert next_match(LINES, query, 0, 0) == (0, 4, 7)
    assert next_match(LINES, query, 0, 5) == (1, 3, 6)
    assert next_match(LINES, query, 1, 19) == (0, 4, 7)
    assert previous_match(LINES, query, 0, 4) == (1, 18, 21)
    assert previous_match(LINES, query, 1, 18) == (1, 13, 16)
    assert next_match(LINES, Query("dog"), 1, 0) is None
    assert previous_match(LINES, Query("dog"), 1, 0) is None
    assert next_match(LINES, Query(""), 0, 0) is None


def test_a_single_match_is_found_from_anywhere() -> None:
    for column in (0, 1, 2, 3):
        assert next_match(["abc"], Query("b"), 0, column) == (0, 1, 2)
        assert previous_match(["abc"], Query("b"), 0, column) == (0, 1, 2)


def test_case_and_whole_words() -> None:
    assert count_matches(LINES, Query("cat"), (1, 13)) == (4, 2)
    assert count_matches(LINES, Query("cat", case=True), (0, 0))[0] == 3
    assert count_matches(LINES, Query("cat", words=True), (0, 0))[0] == 3
    assert count_matches(LINES, Query("a.c"), (0, 0))[0] == 1


@given(st.text(max_size=30), st.text("ab\\1", min_size=1, max_size=3), st.text("xy\\1", max_size=3))
def test_replacing_is_literal(text: str, what: str, by: str) -> None:
    new, count = replaced(text, Query(what, case=True), by)
    assert new == text.replace(what, by)
    assert count == len(re.findall(re.escape(what), text))
