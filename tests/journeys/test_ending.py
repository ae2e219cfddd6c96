"""The end that nobody waits for: the terminal goes, and with it the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal

# Who alone is told that the terminal is gone, does not mind, and waits for the app.
DEAF = ("sh", "-c", "trap '' HUP; \"$@\"; exit $?", "sh")


@pytest.mark.parametrize("before", [(), DEAF], ids=["told", "not told"])
def test_a_terminal_that_goes_takes_the_app_along(
    open_app: Callable[..., Terminal], home: Path, before: Sequence[str]
) -> None:
    at = open_app("draft.md", before=before)
    at.sees("draft.md")
    at.type("These words are not saved")
    at.sees("not saved")
    assert at.vanish() == 1
    copies = home / "state" / "recovery"
    assert any("not saved" in copy.read_text() for copy in copies.glob("*.draft"))


def test_whoever_keeps_what_goes_wrong_in_a_file_sees_the_app(open_app: Callable[..., Terminal]) -> None:
    at = open_app("draft.md", before=("sh", "-c", '"$@" 2>errors', "sh"))
    at.sees("draft.md")
    at.type("seen")
    at.sees("1 word")
    at.press("ctrl+s")
    at.sees("· saved")
    at.press("ctrl+q")
    assert at.ends() == 0
