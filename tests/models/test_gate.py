"""The gate: it learns whom to trust when, and refuses weights that do not fit."""

import numpy as np
import pytest
import torch

from models.errors import ModelError
from models.gate import Gate, fit_gate, gate_features


def uniform(rows: int, size: int = 8) -> np.ndarray:
    return np.full((rows, size), 1 / size, np.float32)


def test_learns_whom_to_trust_when() -> None:
    generator = np.random.default_rng(0)
    known = generator.random(2000) < 0.5
    features = np.stack([known, generator.random(2000)], 1).astype(np.float32)
    network = np.where(known, 0.1, 0.6).astype(np.float32)
    memory = np.where(known, 0.9, 0.05).astype(np.float32)
    gate = fit_gate(features, network, memory)
    share = gate.share(features)
    assert share[known].min() > 0.9
    assert share[~known].max() < 0.1


def test_fitting_is_deterministic_and_leaves_the_global_random_state_alone() -> None:
    features = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    gates = [fit_gate(features, features[:, 0] ** 2, features[:, 1] ** 2, steps=5) for _ in range(2)]
    assert torch.equal(before, torch.get_rng_state())
    assert gates[0].as_json() == gates[1].as_json()


def test_features_are_finite_even_for_certainty() -> None:
    certain = np.eye(8, dtype=np.float32)[:3]
    features = gate_features(certain, uniform(3), np.zeros((3, 4), np.float32))
    assert features.shape == (3, 9)
    assert np.isfinite(features).all()


def test_round_trip() -> None:
    features = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    gate = fit_gate(features, features[:, 0] ** 2, features[:, 1] ** 2, steps=5)
    again = Gate.from_json(gate.as_json())
    assert np.allclose(again.share(features), gate.share(features))


@pytest.mark.parametrize("wrong", [[], {}, {"mean": [1]}, {"mean": "x"}])
def test_what_is_no_gate_is_refused(wrong: object) -> None:
    with pytest.raises(ModelError):
        Gate.from_json(wrong)


def test_weights_that_do_not_fit_or_are_no_numbers_are_refused() -> None:
    features = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    good = fit_gate(features, features[:, 0] ** 2, features[:, 1] ** 2, steps=5).as_json()
    with pytest.raises(ModelError, match="fit"):
        Gate.from_json({**good, "mean": [0.0]})
    with pytest.raises(ModelError, match="finite"):
        Gate.from_json({**good, "shift": [float("nan")]})
