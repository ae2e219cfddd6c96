"""The text that a stateless client sends whole each time: followed like a draft, answered like a fresh one."""

import random

import pytest

from core.drafts.following import Follower, common_prefix
from tests.core.engine.server import TEXT, Server, opened


def test_suggest_answers_like_a_fresh_server_whatever_came_before(server: Server) -> None:
    chance = random.Random(3)
    for _ in range(25):
        place = chance.randrange(len(TEXT))
        before = TEXT[:place] + chance.choice(["", "x", " the", "\n"])
        answer = server.ask("suggest", before=before, seed=1)
        row, column = opened(server, f"fresh {before}", before)
        fresh = server.ask("ghost", draft=f"fresh {before}", cursor=[row, column], generation=0, seed=1)
        for field in ("ghost", "silence"):
            assert answer[field] == fresh[field]
        assert len(answer["alternatives"]) == len(fresh["alternatives"])
        for one, other in zip(answer["alternatives"], fresh["alternatives"], strict=True):
            # A network's sums differ in their last bits with how many tokens were read at once.
            assert one == other | {
                name: pytest.approx(other[name], abs=2e-6) for name in ("probability", "whole")
            }


def test_the_follower_follows_any_text() -> None:
    chance = random.Random(1)
    follower, text = Follower(), ""
    for _ in range(300):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + "".join(chance.choice("ab\n") for _ in range(chance.randrange(30)))
        row, column = follower.follow(text)
        assert follower.document.text == text
        assert (row, column) == (text.count("\n"), len(text) - text.rfind("\n") - 1)


def test_a_sliding_window_keeps_what_it_left_behind() -> None:
    chance = random.Random(2)
    text = "".join(chance.choice("abcdefgh \n") for _ in range(3000))
    follower = Follower()
    for end in range(1000, 3000, 7):
        follower.follow(text[end - 1000 : end])
        assert follower.document.text == text[:end]
    follower.follow("something else")
    assert follower.document.text == "something else"


def test_the_common_prefix_is_found_across_chunks() -> None:
    text = "x" * 10_000
    for length in (0, 1, 4095, 4096, 4097, 8192, 9_999):
        assert common_prefix(text, text[:length] + "y") == length
        assert common_prefix(text, text[:length]) == length
    assert common_prefix(text, text) == 10_000
