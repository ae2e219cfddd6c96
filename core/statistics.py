"""What writing with ghosts saved, counted key by key. Needs no screen and no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Tally:
    """Keys and characters since it was made. A key that moves or deletes writes nothing and does not count."""

    typed: int = 0
    """Keys that typed a character."""
    takes: int = 0
    """Keys that took a ghost or a part of one."""
    taken: int = 0
    """Characters that came with those."""

    def type(self) -> None:
        """A character was typed."""
        self.typed += 1

    def take(self, characters: int) -> None:
        """`characters` of a ghost were taken with one key."""
        self.takes += 1
        self.taken += characters

    def untake(self, characters: int) -> None:
        """A take was undone: its characters are gone, its key and the one that undid it were for nothing."""
        self.taken = max(0, self.taken - characters)

    @property
    def saved(self) -> float | None:
        """1 - keys / characters, as in the design; None before a ghost was taken."""
        characters = self.typed + self.taken
        return 1 - (self.typed + self.takes) / characters if self.takes and characters else None
