"""Learning a voice without losing the language: how far from its parent's weights a fine-tuned network may stay.

Needs no screen. Weights on the line from the parent's to the tuned ones often do better on both kinds of text than
either end (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", section 3). Which place on the line is found
on the user's held-out text, among those that have not forgotten more general text than a limit. No corpus is needed
for that: general text is what the base model itself writes (pseudo-rehearsal: Robins 1995), and how much worse the
tuned network expects it is what it forgot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional

from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Tokenizer

LIMIT = 0.1
"""Bits per character of general text that may be lost. Of text that a network wrote itself it loses more than of
prose that others wrote (measured: a tenth to a half more), so the limit is on the safe side."""
SHARES = (1.0, 0.75, 0.5, 0.25)
"""Places on the line that are tried; 0, the parent itself, always stands."""
STREAMS = 32
LENGTH = 192
"""Texts that the base model writes, and the tokens of each."""
_BATCH = 16

Weights = Mapping[str, Tensor]


class GeneralText:
    """Text that stands for the language at large: written by a network that knows it."""

    def __init__(self, writer: RecurrentLanguageModel, tokenizer: Tokenizer, seed: int = 0) -> None:
        """Have the network write; takes some seconds."""
        self._ids = _write(writer, tokenizer.boundary, seed)  # (length + 1, streams), a boundary first
        rows = cast("list[list[int]]", self._ids[1:].t().tolist())
        self._characters = max(1, sum(len(tokenizer.decode(row)) for row in rows))
        self._bits = self._measure(writer)

    def forgotten(self, model: RecurrentLanguageModel) -> float:
        """Bits per character that a network needs more than the one that wrote the text."""
        return (self._measure(model) - self._bits) / self._characters

    def _measure(self, model: RecurrentLanguageModel) -> float:
        total = 0.0
        device = model.embedding.weight.device
        model.eval()
        with torch.inference_mode():
            for ids in cast("tuple[Tensor, ...]", self._ids.to(device).split(_BATCH, 1)):
                logits, _ = model(ids[:-1])
                loss = functional.cross_entropy(
                    logits.flatten(0, 1).float(), ids[1:].flatten(), reduction="sum"
                )
                total += loss.item()
        return total / math.log(2)


def _write(model: RecurrentLanguageModel, boundary: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    device = model.embedding.weight.device
    rows = [torch.full((1, STREAMS), boundary, dtype=torch.int64)]
    state = None
    model.eval()
    with torch.inference_mode():
        for _ in range(LENGTH):
            logits, state = model(rows[-1].to(device), state)
            likely = torch.softmax(logits[-1].float().cpu(), 1)
            likely[:, boundary] = 0
            rows.append(torch.multinomial(likely, 1, generator=generator).t())
    return torch.cat(rows)


def settle(
    model: RecurrentLanguageModel,
    parent: Weights,
    tuned: Weights,
    loss: Callable[[], float],
    general: GeneralText,
) -> tuple[float, float]:
    """Give a network the weights, between its parent's and the tuned ones, that are best on held-out text.

    Args:
        model: the network; its weights are set.
        parent: its parent's weights.
        tuned: the weights that training found best.
        loss: measures the network on the held-out text.
        general: text of which the network must not forget more than LIMIT.

    Returns:
        The share of the way that was gone, 0 to 1, and what was forgotten, in bits per character.
    """
    _place(model, parent, tuned, 0.0)
    best, chosen, lost = loss(), 0.0, 0.0
    for share in SHARES:
        _place(model, parent, tuned, share)
        forgotten = general.forgotten(model)
        if forgotten <= LIMIT and (reached := loss()) < best:
            best, chosen, lost = reached, share, forgotten
    _place(model, parent, tuned, chosen)
    return chosen, lost


def _place(model: RecurrentLanguageModel, parent: Weights, tuned: Weights, share: float) -> None:
    mixed = {name: torch.lerp(parent[name].to(value.device), value, share) for name, value in tuned.items()}
    model.load_state_dict(mixed, strict=False)
