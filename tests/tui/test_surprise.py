"""Surprise under Pilot: words shaded, peaks a key apart, only what changed read again, a typo replaced."""

from __future__ import annotations

import asyncio

import pytest
from rich.style import Style

from core.exploring.surprises import LEVELS
from core.protocol import Surprise
from tests.tui.fakes import Engines
from tests.tui.looking import Desk, desk
from tui.exploring_keys import SURPRISE
from tui.widgets.editor import Editor

TEXT = "The ligth falls.\n\nWe eat the aples, and\n\nall is well with us now."
ODD = {"ligth": 34.0, "aples": 25.0, "well": 12.0}


def engine_that_finds(odd: dict[str, float]) -> Engines:
    class Finding(Engines):
        def __call__(self, **arguments: object):  # type: ignore[no-untyped-def]
            engine = super().__call__(**arguments)
            engine.odd = odd
            return engine

    return Finding()


def styles_of(at: Desk, text: str) -> Style:
    """How a word is painted."""
    widget = at.screen.text
    for y in range(widget.size.height):
        for segment in widget.render_line(y):
            if segment.text == text and segment.style is not None:
                return segment.style
    raise AssertionError(f"{text} is not painted by itself")


async def test_words_are_shaded_by_their_surprise() -> None:
    async with desk(TEXT, engines=engine_that_finds(ODD)) as at:
        await at.press("f4")
        strong, weak = styles_of(at, "ligth"), styles_of(at, "well")
        assert strong.bold and strong.underline
        assert weak.italic and not weak.bold
        assert strong.bgcolor != weak.bgcolor
        title = at.painted()[0]
        assert all(f"{least:.0f}+" in title for least in LEVELS)
        assert "mean 9.0 bits a word" in title


async def test_styles_tell_the_shades_apart_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    odd = ODD | {"falls": 16.0}
    async with desk(TEXT, engines=engine_that_finds(odd)) as at:
        await at.press("f4")
        looks = [styles_of(at, word) for word in ("well", "falls.", "ligth")]
        assert len({(look.italic, look.underline, look.bold) for look in looks}) == 3


async def test_n_and_p_jump_from_peak_to_peak() -> None:
    async with desk(TEXT, engines=engine_that_finds(ODD)) as at:
        at.editor.move_cursor((2, 0))
        await at.press("f4", "n")
        assert at.screen.text.cursor_location == (2, 11)
        await at.press("n")
        assert at.screen.text.cursor_location == (0, 4)
        await at.press("p")
        assert at.screen.text.cursor_location == (2, 11)
        assert "“aples,” 25.0 bits, 1:34M · stands out from " in "\n".join(at.painted())
        await at.press("enter")
        assert not at.exploring
        assert at.editor.cursor_location == (2, 11)
        assert at.text == TEXT


async def test_escape_leads_back_to_where_one_was() -> None:
    async with desk(TEXT, engines=engine_that_finds(ODD)) as at:
        at.editor.move_cursor((2, 2))
        await at.press("f4", "n", "escape")
        assert at.editor.cursor_location == (2, 2)
        at.engine.words = [("light", "light", 0.4)]
        at.editor.move_cursor((0, 12))
        before = at.editor.document.get_line(0)[12:]
        await at.press("f4", "p", "x")
        assert at.screen.text.cursor_location == (0, 4)
        at.screen.action_take(0)
        await at.press("escape")
        assert at.text == TEXT.replace("ligth", "light")
        assert at.editor.document.get_line(0)[at.editor.cursor_location[1] :] == before


async def test_leaving_while_the_draft_is_read_leads_back_to_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object, **__: object) -> Surprise:
        await asyncio.Event().wait()
        raise AssertionError

    async with desk(TEXT) as at:
        monkeypatch.setattr(at.engine, "surprise", never)
        await at.pilot.press("f4")
        await at.pilot.pause()
        assert at.screen.reading
        await at.pilot.press("escape")
        await at.pilot.pause()
        assert not at.exploring
        await at.pilot.press("end", "!")
        assert at.text == f"{TEXT}!"


async def test_only_what_changed_is_read_again() -> None:
    line = "Some words that fill the lines of a draft, and some more of them. " * 12
    text = "\n".join(f"{number} {line}" for number in range(12))
    async with desk(text) as at:
        await at.press("f4", "escape")
        first = at.asked("surprise")
        assert {
            row for item in first for row in range(item["surprise"][0][0], item["surprise"][1][0] + 1)
        } == set(range(12))
        await at.press("f4", "escape")
        assert len(at.asked("surprise")) == len(first)
        at.editor.insert("new ", (4, 0))
        await at.press("f4")
        again = at.asked("surprise")[len(first) :]
        rows = [row for item in again for row in range(item["surprise"][0][0], item["surprise"][1][0] + 1)]
        assert rows[0] == 4 and rows[-1] < 9


async def test_another_model_is_asked_about_all() -> None:
    async with desk(TEXT) as at:
        await at.press("f4", "escape")
        await at.engine.load("mine")
        asked = len(at.asked("surprise"))
        await at.press("f4")
        assert len(at.asked("surprise")) > asked


async def test_what_was_expected_is_shown_and_taken() -> None:
    async with desk(TEXT, engines=engine_that_finds(ODD)) as at:
        at.engine.words = [("light", "light", 0.4), ("sun", "sun", 0.2)]
        await at.press("f4", "1")
        assert at.text == TEXT  # nothing is offered yet
        await at.press("n", "x")
        rows = "\n".join(at.painted(at.screen.bars))
        assert "In place of “ligth”" in rows
        assert "1▸light" in rows and "2 sun" in rows and "20%" in rows
        places = [(item["distribution"], item["path"]) for item in at.asked("distribution")[-2:]]
        assert places == [((0, 4), ""), ((0, 4), "li")]
        await at.press("1")
        assert at.text == TEXT.replace("ligth", "light")
        assert at.screen.text.document.text == at.text
        assert at.asked("surprise")[-1]["surprise"][0] == (0, 0)
        await at.press("escape", "ctrl+z")
        assert at.text == TEXT
        assert isinstance(at.app.focused, Editor)


async def test_marks_around_a_word_stay() -> None:
    async with desk(TEXT, engines=engine_that_finds(ODD)) as at:
        at.engine.words = [("apples", "apples", 0.4)]
        await at.press("f4", "p", "x", "1")
        assert "the apples, and" in at.text


async def test_nothing_typed_reaches_the_text_that_is_read() -> None:
    async with desk(TEXT) as at:
        await at.press("f4", "a", "backspace", "delete", "space", "ctrl+k")
        assert at.exploring
        assert at.screen.text.document.text == TEXT == at.text


async def test_every_action_is_in_the_palette() -> None:
    async with desk(TEXT) as at:
        await at.press("f4")
        offered = {item.title for item in at.app.get_system_commands(at.screen)}
        assert offered == {binding.tooltip for binding in SURPRISE} | {"Help"}


async def test_a_text_that_is_even_or_empty_has_no_peaks() -> None:
    async with desk("") as at:
        await at.press("f4", "n", "x", "1", "p")
        assert at.screen.text.document.text == ""


@pytest.mark.parametrize("size", [(40, 10), (20, 6)])
async def test_nothing_breaks_in_a_small_terminal(size: tuple[int, int]) -> None:
    async with desk(TEXT, size=size, engines=engine_that_finds(ODD)) as at:
        await at.press("f4", "n", "x", "n", "p")
        assert at.exploring
        if size == (40, 10):
            rows = at.painted()
            assert any("aples" in row for row in rows)
            assert "n next" in rows[-1] and "Esc" in rows[-1]
