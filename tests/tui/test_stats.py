"""What ghosts saved, from keys to the Stats tab, the file and `foretype stats`."""

from __future__ import annotations

import json
from datetime import date

import pytest
from textual.pilot import Pilot

from core.statistics.counting import Counts
from core.statistics.store import add_statistics, load_statistics, summed
from tests.tui.fakes import Engines
from tui.app import ForetypeApp
from tui.cli import main
from tui.widgets.stats_view import StatsView

KEYS = "I forgot\t again, then I forgot\r for<<<<<<<<<<"
"""A recording of keys: tab takes the ghost, return is Escape, < is Backspace."""
NAMES = {" ": "space", ",": "comma", "\t": "tab", "\r": "escape", "<": "backspace"}


def replayed(keys: str, ghosts: dict[str, str]) -> Counts:
    """What a recording of keys in one paragraph comes to, counted by marking each character."""
    marks: list[tuple[str, bool]] = []
    counts, shown = Counts(), ""
    for key in keys:
        if key == "\t":
            counts.takes, counts.taken, counts.accepted = (
                counts.takes + 1,
                counts.taken + len(shown),
                counts.accepted + 1,
            )
            marks += [(character, True) for character in shown]
        elif key == "\r":
            counts.dismissed += 1
        elif key == "<":
            counts.lost += marks.pop()[1]
        else:
            counts.typed += 1
            marks.append((key, False))
        text = "".join(character for character, _ in marks)
        known = [ghost for end, ghost in ghosts.items() if text.endswith(end)]
        if known and key != "\r":
            counts.shown += 1
        shown = known[0] if known and key != "\r" else ""
    return counts


async def until_counted(pilot: Pilot[None], app: ForetypeApp) -> Counts:
    await app.writing.statistics.keep()
    await pilot.pause()
    return summed(load_statistics())


async def test_the_figures_agree_with_a_replay_of_the_keys() -> None:
    ghosts = {"forgot": "ten how the light falls"}
    app = ForetypeApp(make_engine=Engines({end: [ghost] for end, ghost in ghosts.items()}))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        for key in KEYS:
            await pilot.press(NAMES.get(key, key))
            await pilot.pause()
        counts = await until_counted(pilot, app)
        expected = replayed(KEYS, ghosts)
        assert counts.latencies.total() > 0
        counts.latencies.clear()
        assert counts == expected
        assert summed(load_statistics(), day=date.today().isoformat(), model="base") != Counts()
        assert app.writing.status.status.saved_keys == counts.saved


async def test_the_tab_shows_them_and_resets_them_after_asking() -> None:
    today = date.today().isoformat()
    add_statistics({(today, "mi[b]ne"): Counts(typed=59, takes=1, taken=41, shown=9, accepted=1)})
    app = ForetypeApp(make_engine=Engines())
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        app.action_tab("stats")
        await pilot.pause()
        view = app.query_one(StatsView) if app.query(StatsView) else app.screen.query_one(StatsView)
        view.post_message(StatsView.Wanted())
        while not load_statistics() or "40%" not in str(view.query("Static")[1].render()):
            await pilot.pause()
        shown = "\n".join(str(item.render()) for item in view.query("Static"))
        assert "40%, 40 of 100" in shown and "mi[b]ne" in shown and "11% taken" in shown
        await pilot.press("end")
        app.screen.query_one("#stats-reset").focus()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert load_statistics()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("right", "enter")
        while load_statistics():
            await pilot.pause()
        assert "counted here" in "\n".join(str(item.render()) for item in view.query("Static"))


async def test_a_bar_is_as_long_as_the_share_whatever_the_others_are() -> None:
    today = date(2026, 11, 25)
    figures = {"mine": Counts(typed=98, takes=1, taken=3), "base": Counts(typed=49, takes=1, taken=51)}
    app = ForetypeApp(make_engine=Engines())
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        view = app.screen.query_one(StatsView)
        for models, bars in ((figures, {"mine": 0, "base": 5}), ({"mine": figures["mine"]}, {"mine": 0})):
            view.show({today.isoformat(): models}, today)
            lines = "\n".join(str(item.render()) for item in view.query("Static")).splitlines()
            drawn = {line.split()[0]: line.count("█") for line in lines if line.startswith(("mine", "base"))}
            assert drawn == bars


async def test_what_was_counted_is_kept_when_the_app_ends() -> None:
    app = ForetypeApp(make_engine=Engines())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("a", "b")
        await pilot.pause()
    assert summed(load_statistics()).typed == 2


def test_the_command_tells_and_resets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats"]) == 0
    assert "nothing was counted yet" in capsys.readouterr().err
    today = date.today().isoformat()
    add_statistics({(today, "base"): Counts(typed=5, takes=1, taken=15, shown=2, accepted=1)})
    assert main(["stats", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"]["share_saved"] == 1 - 6 / 20
    assert told["days"][today] == told["models"]["base"] == told["total"]
    assert main(["stats"]) == 0
    assert "70%, 14 of 20" in capsys.readouterr().out
    assert main(["stats", "--reset"]) == 0
    assert load_statistics() == {}
    assert main(["stats", "--days", "0"]) == 2
