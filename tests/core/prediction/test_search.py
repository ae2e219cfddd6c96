"""The noise of stochastic beam search: what it draws, in which order, is sampling without replacement."""

import math
from collections import Counter

import numpy as np
import pytest

from core.prediction.logs import least_kept, perturbed


def test_the_greatest_result_is_the_one_given() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        scores = perturbed(np.log(np.array([0.5, 0.3, 0.15, 0.05])), -3.0, random)
        assert scores.max() == -3.0
        assert (scores <= -3.0).all()
        assert np.isfinite(scores).all()


def test_extreme_values_stay_finite() -> None:
    random = np.random.default_rng(2)
    for bases in ([0.0], [0.0, -700.0], [-1e4, -1e4], [0.0, -1e-12]):
        scores = perturbed(np.array(bases), -50.0, random)
        assert scores.max() == -50.0
        assert not np.isnan(scores).any()
    assert not len(perturbed(np.array([]), 0.0, random))


def test_leaves_of_a_tree_come_as_often_as_drawn_one_by_one() -> None:
    """Two levels: a (0.5), and b with leaves b1 (0.3) and b2 (0.2)."""
    random = np.random.default_rng(3)
    pairs: Counter[tuple[str, str]] = Counter()
    draws = 20_000
    for _ in range(draws):
        a, b = perturbed(np.log(np.array([0.5, 0.5])), 0.0, random)
        b1, b2 = perturbed(np.log(np.array([0.3, 0.2])), float(b), random)
        first, second, _ = sorted([(-a, "a"), (-b1, "b1"), (-b2, "b2")])
        pairs[first[1], second[1]] += 1
    chances = {"a": 0.5, "b1": 0.3, "b2": 0.2}
    for (first, second), count in pairs.items():
        expected = chances[first] * chances[second] / (1 - chances[first])
        spread = math.sqrt(expected * (1 - expected) / draws)
        assert count / draws == pytest.approx(expected, abs=4 * spread)


def test_the_nucleus_is_the_least_set_that_adds_up() -> None:
    logs = np.log(np.array([0.1, 0.5, 0.15, 0.25]))
    kept = {
        top_p: int((logs >= least_kept(logs, top_p)).sum())
        for top_p in (0.01, 0.5, 0.6, 0.75, 0.8, 0.95, 1.0)
    }
    assert kept == {0.01: 1, 0.5: 1, 0.6: 2, 0.75: 2, 0.8: 3, 0.95: 4, 1.0: 4}
    assert least_kept(np.array([-np.inf, 0.0]), 0.9) == 0.0
