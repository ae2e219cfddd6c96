"""A ghost that was looked at and typed past is gone, and its word is not offered again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.desk import desk
from tests.tui.fakes import Engines


@pytest.mark.parametrize(("look", "waited", "kept"), [(0.8, 1.0, False), (0.8, 0.5, True), (0.0, 9.0, True)])
async def test_a_ghost_that_was_looked_at_and_typed_past_gives_way(
    look: float, waited: float, kept: bool
) -> None:
    engines = Engines(ghosts={" ": ["harbour light", "hill"], " h": ["arbour light", "ill"]})
    async with desk(engines) as at:
        ghosting, now = at.app.writing.ghosting, 0.0
        ghosting.change_settings(replace(at.app.settings, look=look))
        ghosting._passed._clock = lambda: now
        await at.type(" ")
        assert at.editor.shown_ghost == "harbour light"
        now += waited
        await at.type("h")
        assert at.editor.shown_ghost == ("arbour light" if kept else "ill")
        await at.press("backspace")
        assert at.editor.shown_ghost == "harbour light"


async def test_what_was_typed_past_is_offered_to_who_asks_for_it() -> None:
    engines = Engines(ghosts={" ": ["harbour light"], " h": ["arbour light"]})
    async with desk(engines) as at:
        ghosting, now = at.app.writing.ghosting, 0.0
        ghosting._passed._clock = lambda: now
        await at.type(" ")
        now += 1
        await at.type("h")
        assert at.editor.shown_ghost == ""
        await at.press("ctrl+space")
        assert at.editor.shown_ghost == "arbour light"
        await at.type("a")
        assert at.editor.shown_ghost == "rbour light"


async def test_the_alternative_that_was_looked_at_is_the_one_that_is_passed_over() -> None:
    engines = Engines(ghosts={" ": ["harbour", "hill top"], " h": ["arbour", "ill top"]})
    async with desk(engines) as at:
        now = 0.0
        at.app.writing.ghosting._passed._clock = lambda: now
        await at.type(" ")
        await at.press("ctrl+n")
        assert at.editor.shown_ghost == "hill top"
        now += 1
        await at.type("h")
        assert at.editor.shown_ghost == "arbour"


async def test_a_ghost_that_is_gone_was_not_looked_at() -> None:
    async with desk(Engines(ghosts={" ": ["harbour"], " h": ["arbour"]})) as at:
        ghosting, now = at.app.writing.ghosting, 0.0
        ghosting._passed._clock = lambda: now
        await at.type(" ")
        ghosting.pause(True)
        now += 1
        await at.type("h")
        ghosting.pause(False)
        await at.press("escape")
        assert ghosting._passed.words == ()


async def test_what_follows_a_word_that_was_typed_to_its_end_stays() -> None:
    async with desk(Engines(ghosts={" ": ["a harbour"], " a": [" harbour"]})) as at:
        now = 0.0
        at.app.writing.ghosting._passed._clock = lambda: now
        await at.type(" ")
        now += 1
        await at.type("a")
        assert at.editor.shown_ghost == " harbour"
