"""What the figures come to: a share is told only where there is one."""

from __future__ import annotations

from core.statistics.counting import Counts
from core.statistics.report import facts


def test_before_a_ghost_was_taken_nothing_is_said_to_be_saved() -> None:
    told = dict(facts(Counts(typed=18, shown=9)))
    assert (told["Keys saved"], told["Ghosts"]) == ("-", "9 shown, 0% taken")
    assert dict(facts(Counts(typed=8, takes=1, taken=3)))["Keys saved"] == "18%, 2 of 11"
