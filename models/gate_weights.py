"""The weights of a gate, by name: how they come from JSON and go there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt

from models.errors import ModelError

Floats = npt.NDArray[np.float32]


class GateWeights:
    """What all gates have in common; each says which weights it takes, and checks their shapes and values."""

    arrays: dict[str, Floats]
    """The weights, by name."""

    def __init__(self, arrays: Mapping[str, Floats]) -> None:
        """Take the weights.

        Raises:
            ModelError: when they are not those of such a gate.
        """
        self.arrays = {name: np.asarray(array, np.float32) for name, array in arrays.items()}

    def as_json(self) -> dict[str, Any]:
        """Return the weights as JSON values."""
        return {name: array.tolist() for name, array in self.arrays.items()}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Make a gate of what `as_json` gave.

        Raises:
            ModelError: when it is no such thing.
        """
        if not isinstance(value, Mapping):
            raise ModelError("the gate is not a JSON object")
        entries = cast("Mapping[str, Any]", value)
        try:
            return cls({name: np.asarray(entry, np.float32) for name, entry in entries.items()})
        except (TypeError, ValueError) as error:
            raise ModelError("the gate's weights are not numbers") from error
