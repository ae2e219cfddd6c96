"""The model that an engine has loaded: it is read anew when what it remembers has changed."""

from pathlib import Path

import pytest

from core.engine import model as engine_model
from core.engine.model import Model


def test_a_model_given_as_a_folder_is_read_anew_from_there(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: list[int] = []
    model = Model(str(checkpoint), 1, lambda: changes.append(1))
    first = model.predictor()
    assert model.predictor() is first
    monkeypatch.setattr(engine_model, "_mark", lambda _: (1, 2, 3))  # as if something was forgotten
    second = model.predictor()
    assert second is not first
    assert model.predictor() is second
    assert len(changes) == 2
