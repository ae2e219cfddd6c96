"""Exploring in a real terminal: a branch explored and adopted, a typo found by surprise and put right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal

SIZES = [(120, 36), (80, 24)]


def leave(at: Terminal, file: Path) -> str:
    """Save and quit; what the file then holds."""
    before = file.read_text()
    at.sees("unsaved")
    at.press("ctrl+s")
    at.until(lambda: file.read_text() != before and "unsaved" not in at.screen, "the word saved")
    at.press("ctrl+q")
    assert at.ends() == 0
    return file.read_text()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_explore_and_adopt_a_branch(
    open_app: Callable[..., Terminal], tmp_path: Path, width: int, height: int
) -> None:
    file = tmp_path / "draft.md"
    file.write_text("I had almost forgotten how")
    at = open_app("draft.md", width=width, height=height)
    at.sees("forgotten how")
    at.press("end", "f3")
    at.sees("├─ the light falls")  # the one that the model knows, among others
    at.sees("1▸the")
    at.press("down")
    at.sees("· 6 words")
    at.press("left")
    at.sees("· 5 words")
    at.press("right", "right")  # from its end on it is made longer
    at.sees("falls on the harbour. ")
    at.press("enter")
    at.until(lambda: "Explore" not in at.screen, "the draft")
    at.sees("forgotten how the light falls on the harbour.")
    assert leave(at, file).startswith("I had almost forgotten how the light falls on the harbour.")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_find_a_typo_by_surprise(
    open_app: Callable[..., Terminal], tmp_path: Path, width: int, height: int
) -> None:
    file = tmp_path / "draft.md"
    file.write_text("I had almost forgotten how the ligth falls on the harbour.")
    at = open_app("draft.md", width=width, height=height)
    at.sees("falls on the harbour")
    at.press("f4")
    at.sees("bits a word")
    at.until(lambda: "read" not in at.screen, "all of it read")
    at.type("n")
    at.sees("“ligth”")
    at.type("x")
    at.sees("1▸light")
    at.type("1")
    at.sees("how the light falls")
    at.press("escape")
    at.until(lambda: "Surprise" not in at.screen, "the draft")
    assert leave(at, file) == "I had almost forgotten how the light falls on the harbour."
