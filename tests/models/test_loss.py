"""The chunked cross-entropy against PyTorch's own."""

import pytest
import torch
from torch.nn import functional

import models.loss
from models.loss import cross_entropy


@pytest.mark.parametrize("chunk_bytes", [1, 40_000, 1 << 30])
def test_loss_and_gradients_equal_torchs(monkeypatch: pytest.MonkeyPatch, chunk_bytes: int) -> None:
    monkeypatch.setattr(models.loss, "CHUNK_BYTES", chunk_bytes)
    torch.manual_seed(0)
    x = torch.randn(37, 8, requires_grad=True)
    weight = torch.randn(53, 8, requires_grad=True)
    bias = torch.randn(53, requires_grad=True)
    targets = torch.randint(0, 53, (37,))

    expected = functional.cross_entropy(x @ weight.t() + bias, targets)
    gradients = torch.autograd.grad(3 * expected, [x, weight, bias])
    loss = cross_entropy(x, weight, bias, targets, torch.float32)
    ours = torch.autograd.grad(3 * loss, [x, weight, bias])

    torch.testing.assert_close(loss, expected)
    for mine, theirs in zip(ours, gradients, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_loss_of_a_hopeless_guess_is_finite_and_exact() -> None:
    x = torch.tensor([[300.0]])
    weight = torch.tensor([[1.0], [-1.0]])
    loss = cross_entropy(x, weight, torch.zeros(2), torch.tensor([1]), torch.float32)
    assert loss.item() == pytest.approx(600.0)
