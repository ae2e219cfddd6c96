"""Sampling from logits: pure functions, no hidden state.

Needs no screen.
"""

from __future__ import annotations

import torch
from torch import Tensor

COLDEST = 1e-8
"""Below this, temperatures are no different in float32."""


def distribution(logits: Tensor, temperature: float = 1.0, top_p: float = 1.0) -> Tensor:
    """Return the probabilities from which a token is drawn.

    Args:
        logits: (..., vocabulary); log-probabilities serve as well.
        temperature: logits are divided by it; 0 puts all the probability on the likeliest token (the first of
            several equally likely).
        top_p: nucleus sampling (Holtzman et al. 2020, section 3.1): only the smallest set of tokens whose
            probability reaches it is kept.

    Raises:
        ValueError: when the temperature is negative or no number, or top_p is not above 0 and at most 1.
    """
    check(temperature, top_p)
    logits = logits.float()
    if temperature == 0:
        best = logits.argmax(-1, keepdim=True)
        return torch.zeros_like(logits).scatter_(-1, best, 1.0)
    # Subtracting the maximum first keeps a tiny temperature from overflowing.
    shifted = logits - logits.amax(-1, keepdim=True)
    probabilities = torch.softmax(shifted / max(temperature, COLDEST), -1)
    if top_p >= 1:
        return probabilities
    ordered, order = torch.sort(probabilities, dim=-1, descending=True, stable=True)
    # A token stays while the ones before it have not reached top_p, so the likeliest always stays.
    ordered = ordered.masked_fill(ordered.cumsum(-1) - ordered >= top_p, 0.0)
    kept = torch.zeros_like(probabilities).scatter_(-1, order, ordered)
    return kept / kept.sum(-1, keepdim=True)


def sample(
    logits: Tensor,
    temperature: float = 1.0,
    top_p: float = 1.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw a token a row.

    Args:
        logits: (batch, vocabulary).
        temperature: see `distribution`; 0 is argmax and draws nothing.
        top_p: see `distribution`.
        generator: where randomness comes from.

    Returns:
        Token ids, (batch,), int64.
    """
    check(temperature, top_p)
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial(distribution(logits, temperature, top_p), 1, generator=generator).squeeze(-1)


def check(temperature: float, top_p: float = 1.0) -> None:
    """Raise ValueError unless both are in their ranges."""
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature must be a number from 0 up, not {temperature!r}")
    if not 0 < top_p <= 1:
        raise ValueError(f"top-p must be above 0 and at most 1, not {top_p!r}")
