"""Dialogs whose keys come faster than they close."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from core.drafts.files import Encoding
from core.drafts.recovery import Copy, Recovery
from tests.tui.looking import desk
from tests.tui.seat import seat
from tui.screens.dialogs import Question, RecoverDialog


async def test_two_answers_close_one_screen(tmp_path: Path) -> None:
    async with seat(tmp_path / "a.md") as at:
        await at.press("x", "ctrl+q")
        await at.until(lambda: isinstance(at.app.screen, Question) and at.app.screen.focused)
        for _ in range(3):
            at.app.post_message(events.Key("enter", "\r"))
        await at.until(lambda: (tmp_path / "a.md").exists())
    assert (tmp_path / "a.md").read_text().strip() == "x"


async def test_keys_typed_into_a_dialog_nobody_saw_all_reach_the_draft(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.flows.drafts.UNSEEN", 1e6)
    place = Recovery()
    place.write(Copy("left", None, Encoding(), None))
    place.release()
    async with seat() as at:
        await at.until(lambda: isinstance(at.app.screen, RecoverDialog))
        for character in "some text":
            at.app.post_message(events.Key("space" if character == " " else character, character))
        await at.until(lambda: at.app.screen is at.app.writing and len(at.text) == len("some text"))
        assert at.text == "some text"


async def test_what_a_key_does_is_told_in_a_column_of_its_own() -> None:
    async with desk("x", size=(40, 10)) as at:
        await at.press("f1")
        rows = at.painted()
        first = next(row for row, line in enumerate(rows) if "take all that is" in line)
        assert rows[first].index("take") == rows[first + 1].index("shown")
