"""Sampling is a pure function of logits, temperature, top-p and generator."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.prediction.sampling import distribution, sample

LOGITS = st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=12).map(lambda row: torch.tensor([row]))
TEMPERATURES = st.floats(0, 50) | st.sampled_from([0.0, 1e-30, 1e-3, 1.0])
TOP_P = st.floats(1e-6, 1, exclude_min=True)


@given(LOGITS, TEMPERATURES, TOP_P)
def test_a_distribution_is_one(logits: torch.Tensor, temperature: float, top_p: float) -> None:
    probabilities = distribution(logits, temperature, top_p)
    assert probabilities.shape == logits.shape
    assert (probabilities >= 0).all()
    assert probabilities.sum().item() == pytest.approx(1, abs=1e-4)
    assert probabilities[logits >= logits.max() - 1e-6].sum() > 0


@given(LOGITS, TOP_P)
def test_top_p_keeps_the_smallest_set_that_reaches_it(logits: torch.Tensor, top_p: float) -> None:
    full = distribution(logits)[0]
    kept = distribution(logits, 1.0, top_p)[0] > 0
    assert full[kept].sum() >= top_p - 1e-4
    without_least = full[kept].sum() - full[kept].min()
    assert without_least < top_p + 1e-4
    if not kept.all():
        assert full[kept].min() >= full[~kept].max()


@given(LOGITS, st.integers(0, 2**31))
def test_temperature_0_is_argmax(logits: torch.Tensor, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    assert sample(logits, 0.0, generator=generator).item() == logits.argmax().item()


@given(LOGITS, TOP_P, st.integers(0, 2**31))
def test_the_same_seed_draws_the_same(logits: torch.Tensor, top_p: float, seed: int) -> None:
    def draw() -> list[int]:
        generator = torch.Generator().manual_seed(seed)
        return [int(sample(logits, 0.8, top_p, generator)) for _ in range(5)]

    drawn = draw()
    assert drawn == draw()
    kept = distribution(logits, 0.8, top_p)[0]
    assert all(kept[token] > 0 for token in drawn)


def test_temperature_flattens_and_sharpens() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0]])
    cold, plain, hot = (distribution(logits, temperature)[0, 0].item() for temperature in (0.3, 1.0, 3.0))
    assert hot < plain < cold
    assert plain == pytest.approx(torch.softmax(logits, 1)[0, 0].item())


def test_draws_follow_the_distribution() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0]]).expand(20_000, 3)
    drawn = sample(logits, 1.0, 1.0, torch.Generator().manual_seed(1))
    shares = torch.bincount(drawn, minlength=3) / len(drawn)
    torch.testing.assert_close(shares, distribution(logits)[0], atol=0.015, rtol=0)


@pytest.mark.parametrize(
    ("temperature", "top_p"), [(-1, 1), (float("nan"), 1), (float("inf"), 1), (1, 0), (1, 1.1)]
)
def test_what_is_out_of_range(temperature: float, top_p: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        distribution(torch.zeros(1, 2), temperature, top_p)
    with pytest.raises(ValueError, match="must be"):
        sample(torch.zeros(1, 2), temperature, top_p)
