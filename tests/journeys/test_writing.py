"""Writing in a real terminal: take a ghost, save, quit; be killed and come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal


@pytest.mark.parametrize(("width", "height"), [(120, 36), (80, 24), (40, 10)])
def test_write_with_a_ghost_save_and_quit(
    open_app: Callable[..., Terminal], tmp_path: Path, width: int, height: int
) -> None:
    at = open_app("draft.md", width=width, height=height)
    at.sees("draft.md")
    at.type("I had almost forgo")
    at.until(lambda: at.ghost().startswith("ten how the"), "a ghost")  # the cursor is on its first letter
    at.press("tab")
    at.sees("forgotten how the")
    at.press("ctrl+s")
    at.until(lambda: (tmp_path / "draft.md").exists(), "the file")
    at.until(lambda: "unsaved" not in at.screen, "the word saved")
    at.press("ctrl+q")
    assert at.ends() == 0
    assert (tmp_path / "draft.md").read_text().startswith("I had almost forgotten how the")


@pytest.mark.parametrize(("width", "height"), [(120, 36), (80, 24)])
def test_killed_while_typing_and_recovered(
    open_app: Callable[..., Terminal], home: Path, tmp_path: Path, width: int, height: int
) -> None:
    at = open_app("draft.md", width=width, height=height)
    at.sees("draft.md")
    at.type("These words are not saved")
    at.sees("not saved")
    copies = home / "state" / "recovery"
    at.until(
        lambda: any("not saved" in copy.read_text() for copy in copies.glob("*.draft")), "a recovery copy"
    )
    at.kill()
    assert not (tmp_path / "draft.md").exists()

    again = open_app(width=width, height=height)
    again.sees("Unsaved text was found")
    again.press("left")  # to the first button; by itself the focus comes when the dialog could be read
    again.press("enter")
    again.sees("These words are not saved")
    again.press("ctrl+s")
    again.until(lambda: (tmp_path / "draft.md").exists(), "the file")
    again.press("ctrl+q")
    assert again.ends() == 0
    assert (tmp_path / "draft.md").read_text() == "These words are not saved"
    assert not list(copies.glob("*.draft"))
