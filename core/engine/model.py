"""The model of an engine: loaded when it is asked for or nobody asks for anything, and anew when it was made to forget.

Needs no screen. torch arrives with the first model that is loaded, not with this module.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core import protocol
from core.engine.answers import describe, return_memory, warm_up
from core.errors import UserError
from core.library.library import Library
from core.settings import load_settings

if TYPE_CHECKING:
    from core.prediction.predictor import Predictor

_Mark = tuple[int, int, int] | None
"""By which a file that was replaced is known; None where there is none."""


class Model:
    """The one model of an engine."""

    def __init__(self, name: str | None, threads: int, changed: Callable[[], object]) -> None:
        """Make it without loading anything.

        Args:
            name: of the model that is loaded unless another is asked for; None means that of the settings.
            threads: of the network's arithmetic.
            changed: called when another model, or the same one anew, has taken the place of the one before.
        """
        self._default = name
        self._threads = threads
        self._changed = changed
        self._predictor: Predictor | None = None
        self._memory: tuple[Path, _Mark] | None = None
        self._error = ""
        self._asked = ""
        """What the model that is loaded was asked for by: a name, or a folder."""
        self.loaded: protocol.LoadedModel | None = None
        """What is said of it; None before it is loaded."""

    @property
    def ready(self) -> bool:
        """Whether there is one."""
        return self._predictor is not None

    def predictor(self) -> Predictor:
        """Return what predicts, as its files are by now: a person's document that was forgotten is gone at once.

        Raises:
            UserError: when there is no model that can be loaded.
        """
        if self.loaded is not None and self._memory is not None and _mark(self._memory[0]) != self._memory[1]:
            self.load(self._asked)
        self.preload()
        if self._predictor is None:
            raise UserError(self._error or "no model is loaded")
        return self._predictor

    def preload(self) -> None:
        """Load the model that will be asked for; what goes wrong is said to who asks."""
        if self._predictor is None and not self._error:
            # Whatever it is, it must not end the engine; a request for the same model says it.
            with contextlib.suppress(Exception):
                self.load(self._default or load_settings().settings.model)

    def load(self, name: str) -> protocol.LoadedModel:
        """Load a model; the one before stays where that fails.

        Raises:
            UserError: when there is no such model, or it cannot be loaded.
        """
        try:
            loaded = self.loaded = self._load(name)
        except Exception as error:
            self._error = str(error)
            raise
        self._error = ""
        self._changed()
        # What has been loaded stays: the collector need not look at it again between two keys.
        gc.collect()
        gc.freeze()
        return_memory()
        return loaded

    def _load(self, name: str) -> protocol.LoadedModel:
        entry = Library().find(name)
        import torch

        from core.prediction.predictor import Predictor
        from models.checkpoint import PERSONAL, load_checkpoint

        torch.set_num_threads(self._threads)
        memory = entry.folder / PERSONAL
        mark = _mark(memory)
        checkpoint = load_checkpoint(entry.folder)
        predictor = Predictor(checkpoint)
        loaded = describe(entry.name, checkpoint, predictor)
        warm_up(predictor)
        self._predictor, self._memory, self._asked = predictor, (memory, mark), name
        return loaded


def _mark(file: Path) -> _Mark:
    try:
        there = file.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino, there.st_mtime_ns
