"""Drafts in a real terminal: a second window on the same file; finding and replacing; an earlier version back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.journeys.terminal import Terminal


def test_a_second_window_on_a_file_is_noticed_until_the_first_is_killed(
    open_app: Callable[..., Terminal], tmp_path: Path
) -> None:
    (tmp_path / "draft.md").write_text("Dear Anna\n")
    first = open_app("draft.md")
    first.sees("Dear Anna")
    second = open_app("draft.md", width=80, height=24)
    second.until(lambda: "another" in second.screen and "process" in second.screen, "the other window")
    first.kill()
    second.type("x\x13")
    second.until(lambda: (tmp_path / "draft.md").read_text() == "xDear Anna\n", "the file")


def test_replace_everywhere_and_bring_back_what_was_saved(
    open_app: Callable[..., Terminal], tmp_path: Path
) -> None:
    (tmp_path / "draft.md").write_text("The cat and the cat's friend\n")
    at = open_app("draft.md", width=80, height=24)
    at.sees("cat and")
    at.type("\x12cat\tdog\x1ba")  # Ctrl+R, Tab, Alt+A
    at.sees("dog's friend")
    at.press("escape")
    at.until(lambda: "Replace" not in at.screen, "the bar closed")
    at.press("ctrl+s")
    at.until(lambda: "dog" in (tmp_path / "draft.md").read_text(), "the file")
    at.until(lambda: "unsaved" not in at.screen, "the word saved")
    at.type("\x1b[19~")  # F8
    at.sees("Earlier versions")
    at.press("enter")
    at.sees("Bring it back")
    at.sees("cat")
    at.press("tab", "enter")
    at.sees("The cat and the cat's friend")
