"""Words that were offered where a word is being typed, and were typed past: who saw them did not mean them.

Needs no screen and no torch. A person has seen a ghost that stood there for a while before the next key; who types
along with it faster than that keeps it. The typist of core.prediction.scoring looks at every ghost.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from core.words import first_word


class PassedOver:
    """The words that were typed past at one place, as what is left of each to type."""

    def __init__(self, look: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin where nothing is offered.

        Args:
            look: seconds that a ghost must have stood there before a key, to have been seen and decided against.
            clock: tells the time, in seconds.
        """
        self.look = look
        self.words: tuple[str, ...] = ()
        """What is left of each word, in the order of the alphabet: what is not to be offered again."""
        self._clock = clock
        self._ghost = ""
        self._since = clock()
        """When the ghost's first word came, or the last key."""

    def offered(self, ghost: str) -> None:
        """Take note of the ghost that shows."""
        if first_word(ghost) != first_word(self._ghost):
            self._since = self._clock()
        self._ghost = ghost

    def typed(self, text: str) -> None:
        """Take note of what was typed."""
        now = self._clock()
        seen = bool(self._ghost) and now - self._since >= self.look
        known = {*self.words, first_word(self._ghost)} if seen else {*self.words}
        # What does not go on with the text, or has ended with it, could not be offered anyway.
        self.words = tuple(
            sorted(word[len(text) :] for word in known if word.startswith(text) and word != text)
        )
        self._ghost = self._ghost[len(text) :] if self._ghost.startswith(text) else ""
        self._since = now

    def forget(self) -> None:
        """Begin anew: the cursor moved, or something was taken or deleted."""
        self.words, self._ghost, self._since = (), "", self._clock()
