"""The end that nobody waits for: the terminal goes, and with it the app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal


@pytest.mark.parametrize("told", [True, False])
def test_a_terminal_that_goes_takes_the_app_along(
    open_app: Callable[..., Terminal], home: Path, told: bool
) -> None:
    at = open_app("draft.md")
    at.sees("draft.md")
    at.type("These words are not saved")
    at.sees("not saved")
    assert at.vanish(told=told) == 1
    copies = home / "state" / "recovery"
    assert any("not saved" in copy.read_text() for copy in copies.glob("*.draft"))
