"""Cross-entropy of the output layer in chunks, so that the logits of a whole batch never stand in memory.

The usual way makes (time x batch, vocabulary) logits, their log-softmax and its gradient, each over a hundred
megabytes, and spends most of a training step moving them. Here a chunk's logits stay in cache while its loss and
its gradients are computed, as in "Cut Your Losses in Large-Vocabulary Language Models" (Wijmans et al. 2024,
section 4).
"""

from typing import Any, cast

import torch
from torch import Tensor

CHUNK_BYTES = 8 << 20
"""What a chunk's logits may take: about what a core keeps in its caches."""


class _ChunkedCrossEntropy(torch.autograd.Function):
    """Loss and gradients in one pass, the gradients kept for `backward`."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, dtype: torch.dtype
    ) -> Tensor:
        rows, vocabulary = x.shape[0], weight.shape[0]
        chunk = max(1, CHUNK_BYTES // (vocabulary * 4))
        low_x, low_weight = x.to(dtype), weight.to(dtype)
        grad_x = torch.empty_like(low_x)
        grad_weight = torch.zeros_like(weight)
        grad_bias = torch.zeros_like(bias)
        total = torch.zeros((), dtype=torch.float64, device=x.device)
        for start in range(0, rows, chunk):
            part = slice(start, start + chunk)
            logits = torch.mm(low_x[part], low_weight.t()).float().add_(bias)
            wanted = targets[part].unsqueeze(1)
            grad = torch.softmax(logits, 1)
            peak, at = logits.max(1, keepdim=True)
            # The likeliest token's probability is never so small that its logarithm would be lost.
            total += (peak - grad.gather(1, at).log() - logits.gather(1, wanted)).sum(dtype=torch.float64)
            grad.scatter_add_(1, wanted, grad.new_full(wanted.shape, -1.0))
            grad_bias += grad.sum(0)
            low_grad = grad.to(dtype)
            torch.mm(low_grad, low_weight, out=grad_x[part])
            grad_weight += torch.mm(low_grad.t(), low_x[part])
        ctx.save_for_backward(grad_x, grad_weight, grad_bias)
        ctx.input_dtype = x.dtype
        ctx.rows = rows
        return (total / rows).float()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        scale = grad_outputs[0] / ctx.rows
        grad_x, grad_weight, grad_bias = cast("tuple[Tensor, Tensor, Tensor]", ctx.saved_tensors)
        return grad_x.to(ctx.input_dtype) * scale, grad_weight * scale, grad_bias * scale, None, None


def cross_entropy(x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the mean cross-entropy of a linear output layer in nats, differentiable once.

    Args:
        x: what the output layer reads, (rows, width).
        weight: the layer's weights, (vocabulary, width).
        bias: the layer's biases, (vocabulary,).
        targets: the right tokens' ids, (rows,), int64.
        dtype: type in which the products are computed; sums are float32.
    """
    return cast("Tensor", _ChunkedCrossEntropy.apply(x, weight, bias, targets, dtype))
