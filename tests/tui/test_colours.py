"""Without colours, or with sixteen: ghost, cursor and text are told apart, and the branch and word that one is on."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style

from tests.tui.looking import Desk, desk

TEXT = "We eat what the garden gives"


def look(style: Style, system: ColorSystem) -> tuple[object, ...]:
    """What a terminal with so many colours can show of a style."""

    def shown(color: Color | None) -> object:
        return None if color is None else color.downgrade(system).number

    attributes = style.bold, style.italic, style.underline, style.reverse
    return shown(style.color), shown(style.bgcolor), *map(bool, attributes)


def style_at(at: Desk, row: int, column: int) -> Style:
    strip = at.app.screen._compositor.render_strips()[row]
    (segment,) = strip.crop(column, column + 1)
    assert segment.style is not None
    return segment.style


def place_of(at: Desk, text: str) -> tuple[int, int]:
    return next((row, line.index(text)) for row, line in enumerate(at.painted()) if text in line)


CASES = [("foretype-dark", False), ("foretype-light", False), ("foretype-dark", True), ("ansi-dark", True)]


@pytest.mark.parametrize(("theme", "no_color"), CASES)
async def test_ghost_and_branch_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, theme: str, no_color: bool
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)
    system = ColorSystem.STANDARD
    async with desk(f"{TEXT} forgot") as at:
        at.app.theme = theme
        at.app.writing.ghosting.refresh()
        while not at.editor.shown_ghost:
            await at.pilot.pause()
        await at.pilot.pause()
        row, column = place_of(at, "en how the light")
        ghost, cursor = (look(style_at(at, row, place), system) for place in (column, column - 1))
        text = look(style_at(at, row, place_of(at, "garden")[1]), system)
        assert ghost[3] and not text[3]  # italics
        assert len({ghost, cursor, text}) == 3

        await at.press("f3", "down")
        row, column = place_of(at, "├─ a0 a1 a2")
        words = [look(style_at(at, row, column + 3 + 3 * word), system) for word in range(6)]
        other_row, other_column = place_of(at, "c0 c1 c2")
        other = look(style_at(at, other_row, other_column), system)
        assert any(word != other for word in words)
        assert len(set(words)) > 1  # the word one is on, among those of its branch
