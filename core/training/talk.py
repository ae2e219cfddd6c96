"""What a training run says and hears: its events go to whoever reports them, wishes reach it from another thread.

Needs no screen and no torch.
"""

import threading
from collections.abc import Callable

from core.events import TrainingEvent

Report = Callable[[TrainingEvent], None]


class Control:
    """Tells a run from another thread to pause, to go on, or to stop and keep what it has."""

    def __init__(self) -> None:
        """Begin neither paused nor stopped."""
        self._go = threading.Event()
        self._go.set()
        self._stopped = threading.Event()
        self.abandoned = False
        """Whether the stop means to leave the run as it is, to be resumed later."""
        self.leaving = False
        """Whether the run heard so, and is being saved for that."""

    def pause(self) -> None:
        """Have the run stand still after its current step."""
        self._go.clear()

    def resume(self) -> None:
        """Have the run go on."""
        self._go.set()

    def stop(self, *, abandon: bool = False) -> None:
        """Have the run end after its current step; with `abandon` it is saved for a later resume instead."""
        self.abandoned = abandon
        self._stopped.set()
        self._go.set()

    @property
    def paused(self) -> bool:
        """Whether the run was told to stand still."""
        return not self._go.is_set()

    @property
    def stopped(self) -> bool:
        """Whether the run was told to end."""
        return self._stopped.is_set()

    def wait(self) -> None:
        """Block while paused."""
        self._go.wait()
