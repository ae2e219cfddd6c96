"""The list of alternatives: opened at the cursor, walked by arrows, picked from by Enter, digit or mouse."""

from __future__ import annotations

from typing import Any

import pytest

from core.protocol import Ghost
from tests.tui.fakes import Engines
from tests.tui.seat import Seat, seat

WAYS = ["ten how the light falls", "ten what you said", "ten"]


async def opened(at: Seat) -> None:
    await at.press(*"forgot", "ctrl+l")
    await at.until(lambda: at.app.writing.alternatives.display)


async def test_it_opens_at_the_cursor_with_how_likely_each_is() -> None:
    async with seat(engines=Engines({"forgot": WAYS})) as at:
        await opened(at)
        listed = at.app.writing.alternatives
        asked = at.engines.engine.asked[-1]
        assert asked["eagerness"] == 0
        rows = str(listed.render()).split("\n")
        assert [row.split()[-1] for row in rows] == ["50%", "10%", "10%"]
        assert rows[0].startswith("▸1 forgotten how")
        cursor = at.app.writing.editor.cursor_screen_offset
        assert listed.region.y == cursor.y + 1
        assert listed.region.x + rows[0].index("forgot") + 1 == cursor.x - len("forgot")
        assert at.app.writing.editor.has_focus


async def test_the_likeliest_comes_first_and_chances_are_told_however_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with seat(engines=Engines({"forgot": WAYS})) as at:
        ghost = at.engines.engine.ghost

        async def unsure(*arguments: Any, **options: Any) -> Ghost:
            answer = await ghost(*arguments, **options)
            answer["probability"] = 0.0002
            return answer

        monkeypatch.setattr(at.engines.engine, "ghost", unsure)
        await opened(at)
        rows = str(at.app.writing.alternatives.render()).split("\n")
        assert [row.split()[-1] for row in rows] == ["10%", "10%", "<0.1%"]
        assert rows[0].startswith("▸1 forgotten what")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["2"], "forgotten what you said"),
        (["down", "enter"], "forgotten what you said"),
        (["up", "tab"], "forgotten"),
        (["enter"], "forgotten how the light falls"),
    ],
)
async def test_picking(keys: list[str], text: str) -> None:
    async with seat(engines=Engines({"forgot": WAYS})) as at:
        await opened(at)
        await at.press(*keys)
        assert at.text == text
        await at.until(lambda: not at.app.writing.alternatives.display)
        at.app.writing.editor.action_undo()
        assert at.text == "forgot"


@pytest.mark.parametrize("key", ["escape", "ctrl+l"])
async def test_closing_keeps_the_ghost(key: str) -> None:
    async with seat(engines=Engines({"forgot": WAYS})) as at:
        await opened(at)
        await at.press("down", key)
        assert not at.app.writing.alternatives.display
        assert at.app.writing.editor.shown_ghost == WAYS[1]


@pytest.mark.parametrize(("key", "text"), [("t", "forgott"), ("9", "forgot9"), ("left", "forgot")])
async def test_any_other_key_closes_it_and_does_its_work(key: str, text: str) -> None:
    async with seat(engines=Engines({"forgot": WAYS})) as at:
        await opened(at)
        await at.press(key)
        assert at.text == text
        assert not at.app.writing.alternatives.display


async def test_the_mouse_picks() -> None:
    async with seat(engines=Engines({"forgot": WAYS})) as at:
        await opened(at)
        await at.pilot.click("Alternatives", offset=(4, 1))
        await at.until(lambda: at.text == "forgotten what you said")


async def test_arrows_move_the_cursor_where_there_is_no_list() -> None:
    async with seat() as at:
        at.app.writing.editor.insert("a\nb\nc")
        await at.press("up")
        assert at.app.writing.editor.cursor_location == (1, 1)
        await at.press("ctrl+l")
        assert not at.app.writing.alternatives.display


async def test_it_stays_on_the_smallest_screen() -> None:
    ways = [f"ten ways to say it, number {number}, at some length" for number in range(9)]
    async with seat(engines=Engines({"forgot": ways}), size=(40, 10)) as at:
        at.app.writing.editor.insert("\n" * 12)
        await opened(at)
        await at.pilot.pause()
        region = at.app.writing.alternatives.region
        assert at.app.screen.region.contains_region(region)
        assert region.height == 9 or region.bottom <= 8
