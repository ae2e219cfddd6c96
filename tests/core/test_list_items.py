"""What the line after an item of a list begins with."""

import pytest

from core.list_items import nesting, next_item


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("- one", "- "),
        ("  * one", "  * "),
        ("+\tone", "+\t"),
        ("9. nine", "10. "),
        ("2) two", "3) "),
        ("- [x] done", "- [ ] "),
        ("- [ ] to do", "- [ ] "),
        ("- ", ""),
        ("  3.  ", ""),
        ("- [ ] ", ""),
        ("> said", "> "),
        (">said", "> "),
        ("> > said", "> > "),
        ("> - one", "> - "),
        ("> ", ""),
        ("> - ", ""),
        ("-one", None),
        ("---", None),
        ("* * *", None),
        ("- - -", None),
        ("- -", "- "),
        ("\u0663. three", None),
        ("1914 was", None),
        ("**bold** word", None),
        ("word", None),
        ("", None),
    ],
)
def test_at_the_end_of_a_line(line: str, begins: str | None) -> None:
    assert next_item(line, len(line)) == begins


def test_before_the_item_begins_a_line_is_a_line() -> None:
    assert next_item("- one", 0) is None
    assert next_item("- one", 1) is None
    assert next_item("- one", 2) == "- "


@pytest.mark.parametrize(
    ("line", "spaces"), [("- one", 2), ("  10. ten", 4), ("- [ ] to do", 2), ("one", 0), ("---", 0), ("", 0)]
)
def test_how_far_an_item_is_nested(line: str, spaces: int) -> None:
    assert nesting(line) == spaces
