"""Where a ghost's first word ends."""

from __future__ import annotations

import pytest

from core.words import first_word


@pytest.mark.parametrize(
    ("ghost", "word"),
    [
        ("ing to the sea", "ing"),
        (" the sea", " the"),
        (" don't know", " don't"),
        ("'t know", "'t"),
        ("’ll be late", "’ll"),
        ("' she said", "'"),
        (", and then", ","),
        (" -- that", " --"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_a_ghosts_first_word(ghost: str, word: str) -> None:
    assert first_word(ghost) == word
