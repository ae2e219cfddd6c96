"""The explorer under Pilot: walked, grown, pruned, compared, brought into the text, and back with the draft."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from core.exploring.branching import marks
from tests.tui.fakes import Engines
from tests.tui.looking import Desk, desk
from tui.commands import commands
from tui.exploring_keys import EXPLORER
from tui.widgets.branch_tree import odds

TEXT = "One is here. Two is there. I had"
WORDS = [("been", " been", 0.6), ("a0", " a0", 0.3), ("it", " it", 0.1)]


def path(at: Desk) -> str:
    return at.screen.branches.node.path_text


def shown(at: Desk) -> list[str]:
    """The branches, without guides and figures."""
    rows = [row.strip(" ├└─│●○") for row in at.painted(at.screen.branches)]
    return ["  ".join(row.split("  ")[:1]) for row in rows[1:] if row]


async def test_it_shows_branches_with_their_probabilities() -> None:
    async with desk(TEXT) as at:
        await at.press("f3")
        assert shown(at)[:2] == ["a0 a1 a2 a3 a4 a5", "b0 b1 b2 b3 b4 b5"]
        row = at.painted(at.screen.branches)[1].split()
        assert row[-2:] == ["50%", "1.6%"]  # the first word, and all of it
        assert at.painted(at.screen.branches)[0].split()[-4:] == ["I", "had", "first", "path"]
        assert at.asked("branches")[0]["branches"] == (0, len(TEXT))


async def test_enter_brings_the_path_in_as_one_step_to_undo() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "down", "down", "left", "left", "enter")
        assert not at.exploring
        assert at.text == TEXT + " b0 b1 b2 b3"
        assert at.editor.cursor_location == (0, len(at.text))
        assert at.editor.has_focus
        assert at.engine.documents[at.app.writing.ghosting.draft].text == at.text
        await at.press("ctrl+z")
        assert at.text == TEXT


async def test_escape_leaves_the_text_untouched() -> None:
    async with desk(TEXT) as at:
        version = at.editor.version
        await at.press("f3", "down", "m", "l", "escape")
        assert not at.exploring
        assert (at.text, at.editor.version) == (TEXT, version)
        await at.press("f3", "f3")
        assert not at.exploring


async def test_arrows_walk_by_branch_and_by_word() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "down")
        assert path(at) == " a0 a1 a2 a3 a4 a5"
        await at.press("left", "left")
        assert path(at) == " a0 a1 a2 a3"
        await at.press("right")
        assert path(at) == " a0 a1 a2 a3 a4"
        await at.press("down")
        assert path(at).startswith(" b0")
        await at.press("left", "left", "left", "left", "left", "left", "right")
        assert path(at) == " b0"  # back the way one came
        await at.press("home")
        assert path(at) == ""
        await at.press("up")
        assert path(at) == ""


async def test_right_at_the_end_makes_a_branch_longer() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "down", "right")
        assert path(at) == " a0 a1 a2 a3 a4 a5 a0 a1 a2 a3 a4 a5"
        assert at.asked("branches")[-1]["path"] == " a0 a1 a2 a3 a4 a5"
        assert at.asked("branches")[-1]["count"] == 1


async def test_a_digit_steps_into_one_of_the_ten_likeliest_words() -> None:
    async with desk(TEXT) as at:
        at.engine.words = WORDS
        await at.press("f3")
        bars = at.painted(at.screen.bars)
        assert "1 been" in bars[1] and "60%" in bars[1] and "█" in bars[1]
        assert "2▸a0" in bars[2]  # it is in the tree already
        await at.press("1")
        assert path(at) == " been"
        assert at.screen.branches.node.probability == 0.6
        assert at.asked("branches")[-1]["path"] == " been"
        assert at.screen.branches.node.children
        await at.press("9")
        assert path(at) == " been"
        await at.press("home", "2")
        assert path(at) == " a0"


async def test_more_branches_come_where_the_cursor_is() -> None:
    async with desk(TEXT) as at:
        await at.press("f3")
        before = at.screen.branches.count
        await at.press("m")
        assert at.screen.branches.count == before + 4
        await at.press("down", "m")
        assert (
            at.asked("branches")[-1] | {"path": " a0 a1 a2 a3 a4 a5", "count": 4} == at.asked("branches")[-1]
        )
        assert len(at.screen.branches.node.children) == 4


async def test_resampling_keeps_only_what_is_bookmarked() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "r")
        assert at.screen.branches.count > 4
        assert at.asked("branches")[-1]["seed"] == 0  # nothing is drawn at temperature 0
        await at.press("plus", "down", "b", "home", "r")
        assert at.asked("branches")[-1] | {"seed": 1, "temperature": 0.1} == at.asked("branches")[-1]
        rows = shown(at)
        assert "a0 a1 a2 a3 a4 a5" in rows[0] or any("a0 a1" in row for row in rows)
        assert not any(row.startswith("b0 ") for row in rows)
        assert any(row.startswith("a10 ") for row in rows)


async def test_temperature_and_top_p_change_what_is_asked() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "plus", "equals_sign", "minus", "plus", "comma", "comma", "full_stop")
        last = at.asked("distribution")[-1]
        assert (last["temperature"], last["top_p"]) == (0.2, 0.95)
        assert "temperature 0.20 · top-p 0.95" in at.painted()[0]
        await at.press("m")
        last = at.asked("branches")[-1]
        assert (last["temperature"], last["top_p"]) == (0.2, 0.95)
        await at.press(*["minus"] * 4, *["full_stop"] * 3)
        assert "temperature surest · top-p 1.00" in at.painted()[0]
        await at.press("escape", "f3")
        assert "temperature surest" in at.painted()[0]


async def test_two_paths_are_compared_side_by_side() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "down", "c")
        assert at.exploring  # nothing is bookmarked yet
        await at.press("b", "down", "left", "c")
        screen = "\n".join(at.painted())
        assert "Two paths" in screen
        assert "This path" in screen and "★ Bookmark" in screen
        assert "5.0 bits" in screen and "6.0 bits" in screen
        assert re.search(r"b4 +50% █+.*a4 +50% █", screen)
        await at.press("enter")
        assert path(at) == " a0 a1 a2 a3 a4 a5"


async def test_it_goes_on_from_the_start_of_a_sentence() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "s", "s")
        assert at.asked("branches")[-1]["branches"] == (0, 13)
        assert "from this sentence" in at.painted()[0]
        await at.press("down", "enter")
        assert at.text == "One is here.  a0 a1 a2 a3 a4 a5 Two is there. I had"
        await at.press("ctrl+z")
        assert at.text == TEXT


async def test_a_path_is_brought_in_instead_of_the_sentence() -> None:
    async with desk(TEXT) as at:
        at.engine.words = [("Both", "Both", 0.6)]
        await at.press("f3", "i")
        assert at.exploring
        await at.press("s", "s", "1", "i")
        assert at.text == "One is here. Both I had"
        await at.press("ctrl+z")
        assert at.text == TEXT
        await at.press("f3", "s", "S")
        assert "from the cursor" in at.painted()[0]


async def test_a_path_in_the_middle_of_a_line_is_joined_with_a_space() -> None:
    async with desk(TEXT) as at:
        at.editor.move_cursor((0, 7))
        await at.press("f3", "down", *["left"] * 5, "enter")
        assert at.text == "One is  a0 here. Two is there. I had"


async def test_the_tree_is_kept_with_the_draft_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "draft.md"
    async with desk(TEXT, file=file) as at:
        await at.press("f3", "down", "b", "l", "escape")
    async with desk(TEXT, file=file) as at:
        await at.press("f3")
        assert [node.path_text for node in marks(at.screen.branches.root)] == [" a0 a1 a2 a3 a4 a5"]
        assert at.asked("branches") == []
        assert any("★" in row for row in at.painted(at.screen.branches))
        await at.press("s")
        assert len(at.asked("branches")) == 1
        await at.press("o")
        assert "from the cursor" in at.painted()[0]
        assert len(at.asked("branches")) == 1


async def test_a_draft_without_a_name_keeps_its_tree_while_the_app_runs() -> None:
    async with desk(TEXT) as at:
        await at.press("f3", "down", "b", "escape", "f3")
        assert marks(at.screen.branches.root)
        assert len(at.asked("branches")) == 1


async def test_every_action_is_in_the_palette_and_works_from_there() -> None:
    async with desk(TEXT) as at:
        assert {"Explore", "Surprise", "Compare models"} <= {item.title for item in commands(at.app)}
        await at.press("f3")
        offered = {item.title: item for item in at.app.get_system_commands(at.screen)}
        assert set(offered) == {binding.tooltip for binding in EXPLORER} | {"Help"}
        asked = len(at.asked("branches"))
        offered["More branches from here"].callback()
        await at.quiet()
        assert len(at.asked("branches")) == asked + 1


async def test_help_tells_the_keys_of_this_screen() -> None:
    async with desk(TEXT) as at:
        await at.press("f3")
        assert "F1 help" in "\n".join(at.painted()[-2:])
        await at.press("f1")
        screen = "\n".join(at.painted())
        assert "Explorer" in screen and "Bring the path into the text" in screen and "one in 3,000" in screen
        await at.press("escape")
        assert at.exploring


async def test_another_theme_gives_the_tree_its_colours() -> None:
    async with desk(TEXT) as at:
        await at.press("f3")
        tree = at.screen.branches
        before = {segment.style for segment in tree.render_line(1)}
        at.app.theme = "foretype-light"
        await at.quiet()
        assert before.isdisjoint({segment.style for segment in tree.render_line(1)})


async def test_keys_are_those_of_the_settings(foretype_home: Path) -> None:
    (foretype_home / "config").mkdir(parents=True)
    (foretype_home / "config" / "settings.toml").write_text('[keys]\nexplore-more = "g"\nexplore = "f6"\n')
    async with desk(TEXT) as at:
        await at.press("f3")
        assert not at.exploring
        await at.press("f6")
        asked = len(at.asked("branches"))
        await at.press("m")
        assert len(at.asked("branches")) == asked
        await at.press("g")
        assert len(at.asked("branches")) == asked + 1
        assert any("g more" in row for row in at.painted()[-2:])


async def test_it_waits_for_the_model() -> None:
    async with desk(TEXT) as at:
        at.engine.tell("gone", "")
        await at.press("f3")
        assert at.asked("branches") == []
        assert "loading" in at.painted()[0]
        at.engine.tell("ready", "")
        await at.quiet()
        assert len(at.asked("branches")) == 1
        assert shown(at)


async def test_no_key_of_the_app_reaches_through(tmp_path: Path) -> None:
    async with desk(TEXT, file=tmp_path / "draft.md") as at:
        await at.press("f3", "ctrl+o", "f2", "f4", "f5", "x", "space")
        assert at.exploring
        assert at.text == TEXT
        assert not at.app.writing.panel_open


@pytest.mark.parametrize("size", [(40, 10), (20, 6), (120, 36)])
async def test_nothing_breaks_at_any_size(size: tuple[int, int]) -> None:
    async with desk(TEXT, size=size) as at:
        at.engine.words = WORDS
        await at.press("f3", "down", *["l"] * 3, "b", "1", "m", "up", "plus")
        assert at.exploring
        if size == (40, 10):
            rows = at.painted()
            assert any("a0 a1" in row for row in rows)
            assert any("1 been" in row or "1▸been" in row for row in rows)
            assert "bring in" in rows[-1] and "Esc" in rows[-1]


async def test_a_click_goes_to_a_branch() -> None:
    async with desk(TEXT) as at:
        await at.press("f3")
        pilot: Pilot[None] = at.pilot
        await pilot.click("#branches", offset=(8, 2))
        await at.quiet()
        assert path(at).startswith(" b0")


async def test_control_characters_of_a_model_are_not_painted() -> None:
    async with desk(TEXT, engines=Engines()) as at:
        at.engine.words = [("\x1b[2Jx", " \x1b[2Jx", 0.6)]
        await at.press("f3", "1", "left", "right")
        assert not any("\x1b" in row for row in at.painted())


def test_odds_are_short_however_small() -> None:
    shares = (1, 0.5, 0.012, 0.001, 0.0005, 1e-6, 1e-11, 1e-13, 1e-30, 0)
    written = [odds(share) for share in shares]
    assert written == ["100%", "50%", "1.2%", "0.1%", "1:2k", "1:1M", "1:100G", "1:10T", "1:1e30", "0%"]
    assert max(map(len, written)) <= 7


async def test_keys_before_it_are_done_before_it_opens() -> None:
    async with desk(TEXT) as at:
        at.editor.move_cursor((0, 0))
        await at.pilot.pause()
        at.app.post_message(Key("end", None))
        at.app.post_message(Key("f3", None))
        while not at.exploring:
            await at.pilot.pause()
        await at.quiet()
        assert at.asked("branches")[0]["branches"] == (0, len(TEXT))
