"""What all dialogs have in common: one answer each, however fast the keys come."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A modal screen that a second answer, on its way when the first one closed it, does not trouble."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with an answer; Textual would go on to close the screen below."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
