"""The end that nobody waits for: the terminal goes, and with it the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.journeys.terminal import Terminal


def test_a_terminal_that_goes_takes_the_app_along(open_app: Callable[..., Terminal], home: Path) -> None:
    at = open_app("draft.md")
    at.sees("draft.md")
    at.type("These words are not saved")
    at.sees("not saved")
    assert at.vanish() == 1
    copies = home / "state" / "recovery"
    assert any("not saved" in copy.read_text() for copy in copies.glob("*.draft"))
