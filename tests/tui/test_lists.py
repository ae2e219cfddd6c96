"""Enter in a list of a Markdown draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.desk import desk
from tests.tui.seat import seat


async def test_enter_goes_on_with_a_list_and_ends_it_at_an_item_that_says_nothing(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"- one", "enter", *"two", "enter", "enter", *"after")
        assert at.text == "- one\n- two\nafter"
        await at.press("ctrl+z", "ctrl+z")
        assert at.text == "- one\n- two\n- "


async def test_enter_before_the_words_of_an_item_or_with_a_selection_is_only_enter(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"- one", "home", "enter")
        assert at.text == "\n- one"
        await at.press("end", "shift+left", "enter")
        assert at.text == "\n- on\n"


@pytest.mark.parametrize(("name", "expected"), [("notes.tex", "- one\ntwo"), ("notes.md", "- one\n- two")])
async def test_only_markdown_has_lists(tmp_path: Path, name: str, expected: str) -> None:
    async with seat(tmp_path / name) as at:
        await at.press(*"- one", "enter", *"two")
        assert at.text == expected


async def test_tab_nests_an_item_and_shift_tab_lifts_it(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"- one", "enter", "tab", *"two", "enter", "shift+tab", *"3")
        assert at.text == "- one\n  - two\n- 3"
        await at.press("shift+tab")
        assert at.text == "- one\n  - two\n- 3"


async def test_tab_behind_words_of_prose_is_nothing(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"one", "tab", "home", "tab")
        assert at.text == "    one"


async def test_tab_in_other_files_and_in_code_goes_to_the_next_stop(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.csv") as at:
        await at.press(*"one", "tab", *"two")
        assert at.text == "one two"
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"```", "enter", *"x", "tab", *"y")
        assert at.text == "```\nx   y"


async def test_enter_goes_on_with_a_quote_and_ends_it(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"> one", "enter", *"two", "enter", "enter", *"mine")
        assert at.text == "> one\n> two\nmine"


async def test_what_looks_like_a_list_in_code_is_none(tmp_path: Path) -> None:
    async with seat(tmp_path / "notes.md") as at:
        await at.press(*"```", "enter", *"- one", "enter", *"two")
        assert at.text == "```\n- one\ntwo"


async def test_enter_in_a_list_is_one_key() -> None:
    async with desk(text="- one") as at:
        before = at.app.writing.tally.total.typed
        await at.press("enter")
        assert at.text == "- one\n- "
        assert at.app.writing.tally.total.typed == before + 1
