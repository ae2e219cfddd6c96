"""What is said of a model, and of there being none, in one line."""

from __future__ import annotations

from core.client import EngineState
from core.protocol import LoadedModel

WITHOUT_A_MODEL: dict[EngineState, str] = {
    "failed": "No model could be loaded: choose another one above.",
    "gone": "The engine ended and is being started again.",
}
"""What the panel says in place of the next words; else that the model is loading."""


def described(model: LoadedModel) -> str:
    """A model in one short line.

    What was measured of it is not there: each was measured on another text, so beside another model it would mislead.
    """
    return f"{model['cell'].upper()} {model['layers']}×{model['hidden']} · {model['level']}"
