"""What one undo takes back: some words, or a sentence, never all that was typed without a pause."""

from __future__ import annotations

from textual.document._edit import Edit
from textual.document._history import EditHistory

STEPS = 2000
"""How often can be undone."""
PAUSE = 2.0
"""Seconds without a key that end a step."""
ENOUGH = 20
"""Characters after which the next word begins a step of its own."""
LONGEST = 100
"""Characters that a step has at most."""
_ENDS = ".!?…"


class History(EditHistory):
    """Textual's history of edits, divided where words and sentences are."""

    def __init__(self) -> None:
        super().__init__(STEPS, checkpoint_timer=PAUSE, checkpoint_max_characters=LONGEST)
        self._last = ""

    def record(self, edit: Edit) -> None:
        """Note an edit that was made; the space after a sentence, or after enough words, begins a step."""
        if (
            edit.text == " "
            and self._last != " "
            and (self._last in _ENDS or self._character_count >= ENOUGH)
        ):
            self.checkpoint()
        super().record(edit)
        self._last = edit.text[-1:]
