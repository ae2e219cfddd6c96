"""The ghost under Pilot: it shows, is taken or walked through, and goes as soon as the text stops agreeing with it."""

from __future__ import annotations

import pytest

from tests.tui.desk import START, Desk, desk
from tests.tui.fakes import Engines
from tui.screens.writing import WritingScreen


async def test_typing_shows_a_ghost_and_tab_takes_it() -> None:
    async with desk() as at:
        await at.type(" forgot")
        assert at.editor.shown_ghost == "ten how the light falls"
        assert at.text == START + " forgot"
        await at.press("tab")
        assert at.text == START + " forgotten how the light falls"
        assert at.editor.has_focus


async def test_taking_a_ghost_is_one_step_to_undo() -> None:
    async with desk() as at:
        await at.type(" forgot")
        await at.press("tab")
        await at.press("ctrl+z")
        assert at.text == START + " forgot"
        await at.press("ctrl+y")
        assert at.text == START + " forgotten how the light falls"


@pytest.mark.parametrize("key", ["left", "up", "home", "shift+left", "pageup"])
async def test_a_ghost_goes_when_the_cursor_moves(key: str) -> None:
    async with desk(text="one line\n" + START) as at:
        await at.type(" forgot")
        assert at.editor.ghost
        await at.press(key)
        assert not at.editor.ghost
        assert not at.editor.ghost_rows


async def test_a_ghost_goes_in_the_update_in_which_the_text_disagrees() -> None:
    async with desk() as at:
        await at.type(" forgot")
        at.editor._replace_via_keyboard("x", *at.editor.selection)
        assert not at.editor.ghost
        assert not at.editor.ghost_rows


async def test_typing_what_it_says_walks_through_it_without_asking_again() -> None:
    async with desk() as at:
        await at.type(" forgot")
        asked = len(at.engine.asked)
        await at.type("ten how")
        assert at.editor.shown_ghost == " the light falls"
        assert len(at.engine.asked) == asked


async def test_a_ghost_walked_nearly_through_is_only_made_longer() -> None:
    engines = Engines(
        {"forgot": ["ten how"], "forgotten": [" how the light falls"], "forgotten how": [" else"]}
    )
    async with desk(engines) as at:
        await at.type(" forgot")
        await at.type("ten")
        assert at.editor.shown_ghost == " how the light falls"


async def test_deleting_clears_it_and_asks_for_the_place_as_it_is() -> None:
    engines = Engines({"forgot": ["ten how"], "forgo": [" it"]})
    async with desk(engines) as at:
        await at.type(" forgot")
        at.editor.action_delete_left()
        assert not at.editor.ghost
        await at.pilot.pause()
        assert at.editor.ghost == " it"


@pytest.mark.parametrize("key", ["ctrl+right", "alt+right"])
async def test_a_word_is_taken_and_the_rest_stays(key: str) -> None:
    async with desk() as at:
        await at.type(" forgot")
        await at.press(key)
        assert at.text.endswith(" forgotten")
        await at.press(key)
        assert at.text.endswith(" forgotten how")
        assert at.editor.shown_ghost == " the light falls"


async def test_shift_tab_takes_a_sentence() -> None:
    async with desk(Engines({" it": [" was late. We went"]})) as at:
        await at.type(" it")
        await at.press("shift+tab")
        assert at.text.endswith(" it was late.")
        assert at.editor.ghost == " We went"


async def test_alternatives_turn_both_ways() -> None:
    async with desk() as at:
        await at.type(" forgot")
        await at.press("ctrl+n")
        assert at.editor.shown_ghost == "ten what you said"
        await at.press("alt+up")
        assert at.editor.shown_ghost == "ten how the light falls"
        await at.press("alt+down", "tab")
        assert at.text.endswith("forgotten what you said")


@pytest.mark.parametrize("key", ["f3", "f4"])
async def test_it_is_there_again_after_a_look_elsewhere(key: str) -> None:
    async with desk() as at:
        await at.type(" forgot")
        await at.press(key)
        assert not isinstance(at.app.screen, WritingScreen)
        await at.press("escape")
        assert at.editor.shown_ghost == "ten how the light falls"
        await at.press("escape", key)
        await at.press("escape")
        assert not at.editor.shown_ghost  # it was dismissed


async def test_the_status_tells_how_long_a_ghost_took_only_while_there_is_one() -> None:
    async with desk() as at:
        await at.type(" forgot")
        assert at.app.writing.status.status.milliseconds is not None
        await at.press("home", "end")
        assert not at.editor.shown_ghost
        assert at.app.writing.status.status.milliseconds is None


async def test_what_saves_no_key_is_shown_only_when_asked_for() -> None:
    async with desk(Engines({"Dea": ["r", "l with it"], "c": ["漢"]})) as at:
        await at.type(" Dea")
        assert not at.editor.ghost
        assert at.app.writing.status.status.silence == "unsure"
        await at.press("ctrl+space")
        assert at.editor.ghost == "r"
        await at.type("c")
        assert at.editor.ghost == "漢"


async def test_escape_dismisses_until_the_next_word() -> None:
    engines = Engines({"f": ["orgot"], "fo": ["rgot"], "a ": ["be"]})
    async with desk(engines) as at:
        await at.type(" f")
        await at.press("escape")
        assert not at.editor.ghost
        assert at.app.writing.status.status.silence == "dismissed"
        await at.type("o")
        assert not at.editor.ghost
        await at.type("a ")
        assert at.editor.ghost == "be"


@pytest.mark.parametrize("key", ["ctrl+space", "ctrl+@"])
async def test_asking_works_when_ghosts_are_paused_and_ignores_eagerness(key: str) -> None:
    async with desk() as at:
        at.app.action_toggle_ghosts()
        await at.type(" forgot")
        assert not at.editor.ghost
        assert at.app.writing.status.status.silence == "paused"
        await at.press(key)
        assert at.editor.ghost == "ten how the light falls"
        assert at.engine.asked[-1]["eagerness"] == 0


async def test_asking_again_shows_another() -> None:
    async with desk() as at:
        await at.type(" forgot")
        asked = len(at.engine.asked)
        await at.press("ctrl+space")
        assert at.editor.ghost == "ten what you said"  # at temperature 0 the answer would be the same
        await at.press("ctrl+space")
        assert at.editor.ghost == "ten how the light falls"
        assert len(at.engine.asked) == asked


async def test_asking_again_at_a_temperature_samples_anew() -> None:
    async with desk(Engines({"forgot": ["ten how"]})) as at:
        at.app._remember(temperature=0.8)
        await at.type(" forgot")
        at.engine.ghosts["forgot"] = ["et me not"]
        await at.press("ctrl+space")
        assert at.editor.ghost == "et me not"
        await at.press("ctrl+space")
        assert [item["seed"] for item in at.engine.asked[-2:]] == [1, 2]
        assert [item["eagerness"] for item in at.engine.asked[-2:]] == [0, 0]


async def test_what_was_asked_for_while_the_model_loads_shows_however_unlikely() -> None:
    async with desk(Engines(ready_at_once=False)) as at:
        at.app.writing.ghosting.paused = True
        await at.type(" forgot")
        await at.press("ctrl+space")
        assert not at.engine.asked
        await at.engine.load("base")
        await at.pilot.pause()
        assert at.engine.asked[-1]["eagerness"] == 0
        assert at.editor.ghost


async def test_keys_do_what_they_always_do_where_there_is_no_ghost() -> None:
    async with desk(text="ab cd") as at:
        at.editor.move_cursor((0, 0))
        await at.press("right")
        assert at.editor.cursor_location == (0, 1)
        await at.press("ctrl+right")
        assert at.editor.cursor_location == (0, 2)
        await at.press("home", "tab")
        assert at.text == "    ab cd"
        assert at.editor.has_focus
        await at.press("shift+tab")
        assert at.text == "ab cd"


async def test_no_ghost_in_the_middle_of_a_line() -> None:
    async with desk(text="forgo it") as at:
        at.editor.move_cursor((0, 5))
        asked = len(at.engine.asked)
        await at.type("t")
        assert not at.editor.ghost
        assert len(at.engine.asked) == asked
        assert at.app.writing.status.status.silence == "mid-line"


async def test_no_ghost_for_a_paste() -> None:
    async with desk() as at:
        from textual.events import Paste

        asked = len(at.engine.asked)
        at.editor.post_message(Paste(" forgot"))
        await at.pilot.pause()
        assert at.text.endswith(" forgot")
        assert len(at.engine.asked) == asked
        assert not at.editor.ghost


async def test_temperature_and_words_change_what_is_asked() -> None:
    from tui.widgets.suggest_view import SuggestView

    async with desk() as at:
        await at.type(" forgot")
        at.app.post_message(SuggestView.Changed(0.8, 0.1, 4))
        await at.pilot.pause()
        await at.pilot.pause()
        last = [item for item in at.engine.asked if "cursor" in item][-1]
        assert (last["temperature"], last["eagerness"], last["words"]) == (0.8, 0.1, 4)
        assert at.editor.ghost == "ten how the light falls"


async def test_control_characters_of_a_model_never_reach_the_draft() -> None:
    async with desk(Engines({"x": ["\x1b[2J\x07yes\u202e and no"]})) as at:
        await at.type("x")
        assert at.editor.ghost == "[2Jyes and no"


async def test_a_ghost_wraps_and_moves_nothing() -> None:
    ghost = " a number of quite long words that do not fit on the row"
    async with desk(Engines({"x": [ghost]}), text="Some words to begin the row with", size=(60, 20)) as at:
        height = at.editor.wrapped_document.height
        await at.type("x")
        assert len(at.editor.ghost_rows) == 2
        assert (
            "".join(at.editor.ghost_rows).split() == ghost.split()
            or " ".join(at.editor.ghost_rows).split() == ghost.split()
        )
        assert at.editor.wrapped_document.height == height


async def test_a_ghost_has_only_the_rows_without_text_and_is_taken_as_it_is_seen() -> None:
    ghost = " a number of quite long words that do not fit on the row"
    async with desk(
        Engines({"x": [ghost]}), text="Some words to begin the row with\nmore", size=(60, 20)
    ) as at:
        at.editor.move_cursor((0, 32))
        await at.type("x")
        assert len(at.editor.ghost_rows) == 1
        shown = at.editor.shown_ghost
        assert ghost.startswith(shown)
        assert ghost[len(shown)] == " "
        await at.press("tab")
        assert at.text == f"Some words to begin the row withx{shown}\nmore"


async def test_the_engine_knows_the_text_through_edits_alone() -> None:
    async with desk(text="First\n\nSecond") as at:
        await at.type(" forgot")
        await at.press(
            "tab", "enter", "a", "backspace", "ctrl+z", "ctrl+z", "ctrl+y", "ctrl+shift+k", "up", "ctrl+u"
        )
        assert at.engine.documents[at.app.writing.ghosting.draft].text == at.text


async def test_what_is_typed_while_the_engine_loads_gets_its_ghost_later() -> None:
    async with desk(Engines(ready_at_once=False)) as at:
        await at.type(" forgot")
        assert at.text.endswith(" forgot")
        assert at.app.writing.status.status.silence == "loading"
        await at.engine.load("base")
        await at.pilot.pause()
        assert at.editor.ghost == "ten how the light falls"


async def test_keys_saved_are_counted() -> None:
    async with desk(text="") as at:
        await at.type("I forgot")
        await at.press("tab")
        tally = at.app.writing.tally
        counts = tally.total
        assert (counts.typed, counts.takes, counts.taken) == (8, 1, 23)
        assert (counts.shown, counts.accepted, counts.dismissed) == (1, 1, 0)
        assert counts.latencies.total() >= 1
        assert tally.saved == 1 - 9 / 31
        assert at.app.writing.status.status.saved_keys == tally.saved


def painted(at: Desk) -> list[str]:
    """What the terminal shows of the editor, row by row."""
    region = at.editor.region
    strips = at.app.screen._compositor.render_strips()
    rows = strips[region.y : region.bottom]
    return ["".join(segment.text for segment in strip.crop(region.x, region.right)).strip() for strip in rows]


async def test_a_resize_repaints_every_row() -> None:
    text = (
        "Dear Anna, thank you for the photographs. I had almost forgotten how the lights"  # always two rows
    )
    async with desk(text=text, size=(80, 24)) as at:
        for width in (50, 80, 60, 49, 80):
            await at.pilot.resize_terminal(width, 24)
            await at.pilot.pause()
            rows = [row for row in painted(at) if row]
            assert " ".join(rows) == text
            assert len(rows) == 2
