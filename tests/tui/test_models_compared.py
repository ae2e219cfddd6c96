"""Two models at the same place under Pilot: each says its own, the second engine goes with the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.fakes import Engines, FakeEngine
from tests.tui.looking import desk
from tui.exploring_keys import COMPARE
from tui.flows.exploring import other_models

TEXT = "I had almost forgotten"


class Several(Engines):
    """Remembers each engine that was made."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[FakeEngine] = []

    def __call__(self, **arguments: object) -> FakeEngine:
        self.made.append(super().__call__(**arguments))
        return self.made[-1]


@pytest.fixture(autouse=True)
def models(foretype_home: Path) -> None:
    """A personal model with three versions, of which the second is in use."""
    for version in (1, 2, 3):
        folder = foretype_home / "data" / "models" / "mine" / "versions" / f"{version:04d}"
        folder.mkdir(parents=True)
        (folder / "model.json").write_text('{"format": 1}')
    (foretype_home / "data" / "models" / "mine" / "current").write_text('{"version": 2}')


def test_models_and_their_versions_are_offered() -> None:
    offered = other_models("base")
    assert offered[:1] == ["mine"] and offered[-2:] == ["mine@3", "mine@1"]
    assert other_models("mine")[-2:] == ["mine@3", "mine@1"]
    assert "mine" not in other_models("mine")


async def test_two_models_say_what_they_think_at_the_same_place() -> None:
    engines = Several()
    async with desk(TEXT, engines=engines) as at:
        await at.press("f5")
        left, right = engines.made
        assert (left.model, right.model) == ("base", "mine")
        screen = "\n".join(at.painted())
        assert "as base says" in screen and "as mine says" in screen
        assert screen.count("forgotten") >= 2 and screen.count("61%") == 2
        assert "LSTM 2×512 · subword" in screen and "bits/char" not in screen  # each was measured elsewhere
        assert right.documents["compared"].text == TEXT
        await at.press("left", "plus")
        for engine in (left, right):
            last = [item for item in engine.asked if "distribution" in item][-1]
            assert (last["distribution"], last["temperature"]) == ((0, 13), 0.1)
            assert [item for item in engine.asked if "suggest" in item][-1]["suggest"]["before"] == TEXT[:13]
        assert "▸ “forgotten” stands there" in "\n".join(at.painted())
        await at.press("escape")
        assert not at.exploring
        assert right.closed and not left.closed
        assert at.text == TEXT


async def test_last_weeks_version_is_a_key_away_and_can_be_taken() -> None:
    engines = Several()
    async with desk(TEXT, engines=engines) as at:
        await at.press("f5", "up")
        assert engines.made[1].model == "mine@1"
        await at.press("down", "down", "enter")
        assert not at.exploring
        await at.pilot.pause()
        assert at.engine.model == "mine@3"
        assert at.app.settings.model == "mine@3"


async def test_every_action_is_in_the_palette() -> None:
    async with desk(TEXT, engines=Several()) as at:
        await at.press("f5")
        offered = {item.title for item in at.app.get_system_commands(at.screen)}
        assert offered == {binding.tooltip for binding in COMPARE} | {"Help"}


async def test_without_another_model_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.flows.exploring.other_models", lambda name: [])
    async with desk(TEXT) as at:
        await at.press("f5")
        assert not at.exploring
        assert any("no other model" in notice.message for notice in at.app._notifications)


async def test_nothing_breaks_in_a_small_terminal() -> None:
    async with desk(TEXT, size=(40, 10), engines=Several()) as at:
        await at.press("f5", "down", "left")
        rows = at.painted()
        assert any("says" in row for row in rows)
        assert "Esc" in rows[-1]
