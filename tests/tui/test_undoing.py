"""One undo takes back some words or a sentence."""

from __future__ import annotations

from tests.tui.desk import desk


async def test_a_sentence_typed_without_a_pause_goes_alone() -> None:
    async with desk(text="") as at:
        await at.type("It rains. Here too")
        await at.press("ctrl+z")
        assert at.text == "It rains."
        await at.press("ctrl+z")
        assert at.text == ""
        await at.press("ctrl+y", "ctrl+y")
        assert at.text == "It rains. Here too"


async def test_a_long_sentence_goes_by_some_words() -> None:
    async with desk(text="") as at:
        await at.type("we should like to come and see you all again")
        await at.press("ctrl+z")
        assert at.text == "we should like to come"
        await at.press("ctrl+z")
        assert at.text == ""
