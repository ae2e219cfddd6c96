"""Whom to believe: shares of the model, a person's phrases and the draft's in each forecast of the next token.

The model (network and corpus memory) always has a share, as it is and tilted to the person's words; a memory's share
comes from how long, how sure and how much agreed with its recollection is. A tiny network gives all shares (a mixture
of experts: Jacobs et al. 1991), fitted to text that none of them has learnt from. The one that ships was fitted to
other people's text (docs/fit_gate.py), and serves everyone: fitted to a person's own it was no better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.errors import ModelError
from models.folder import read_json
from models.gate_weights import Floats, GateWeights
from models.recall import FEATURES, Ints, Recollection
from models.tilt import Tilt

EXPERTS: Final = 5
"""The model, the model tilted to the person's words, the person's phrases, the draft's phrases, the draft's words."""
MODEL, TILTED, OWN, DRAFT, WORDS = range(EXPERTS)
INPUTS: Final = 3 + 2 * FEATURES
HIDDEN: Final = 24
SHIPPED: Final = Path(__file__).with_name("blend.json")
MAX_BYTES: Final = 1 << 20
GREATEST: Final = 1e6
"""Greatest weight: with greater ones the sums could overflow."""
_NAMES: Final = ("mean", "scale", "hidden", "bias", "output", "shift")


def blend_features(model: Floats, own: Recollection | None, draft: Recollection | None, size: int) -> Floats:
    """Return what the gate sees, one row a branch.

    Args:
        model: the model's probabilities, (branches, vocabulary).
        own: what the person's phrases recall; None without such a memory.
        draft: what the draft's recall.
        size: tokens of the draft's memory.
    """
    features = np.zeros((len(model), INPUTS), np.float32)
    sureness = features[:, :2]
    sureness[:, 0] = model.max(1)
    sureness[:, 1] = np.vecdot(model, model)
    sureness += 1e-9
    np.log(sureness, out=sureness)
    features[:, 2] = math.log1p(size)
    for index, recollection in enumerate((own, draft)):
        if recollection is not None:
            features[:, 3 + index * FEATURES : 3 + (index + 1) * FEATURES] = recollection.features
    return features


class Blend(GateWeights):
    """The gate: a network of one hidden layer over what can be seen before the next token is known."""

    def __init__(self, arrays: Mapping[str, Floats]) -> None:
        """Take the weights.

        By name: `mean`, `scale` (INPUTS,); `hidden` (INPUTS, width); `bias` (width,); `output` (width, EXPERTS - 1);
        `shift` (EXPERTS - 1,).

        Raises:
            ModelError: when their shapes do not fit each other or a number is not finite.
        """
        if set(arrays) != set(_NAMES):
            raise ModelError("the gate lacks weights or has unknown ones")
        super().__init__({name: arrays[name] for name in _NAMES})
        self._mean, self._scale, self._hidden, self._bias, self._output, self._shift = self.arrays.values()
        width = len(self._bias) if self._bias.ndim == 1 else 0
        shapes = [array.shape for array in self.arrays.values()]
        others = EXPERTS - 1
        if shapes != [(INPUTS,), (INPUTS,), (INPUTS, width), (width,), (width, others), (others,)]:
            raise ModelError("the gate's weights do not fit each other")
        if not all((np.abs(array) <= GREATEST).all() for array in self.arrays.values()):
            raise ModelError("a weight of the gate is not a finite number of a sound size")

    def shares(self, features: Floats) -> Floats:
        """Return each expert's share, (branches, EXPERTS); each row adds up to 1."""
        # Sums by einsum, not by BLAS: a branch gets the same shares, bit for bit, alone and beside others.
        scaled = np.minimum(np.maximum((features - self._mean) * self._scale, -8), 8)
        x = np.tanh(np.einsum("bf,fh->bh", scaled, self._hidden) + self._bias)
        logits = np.zeros((len(features), EXPERTS), np.float32)
        logits[:, 1:] = np.einsum("bh,he->be", x, self._output) + self._shift
        shares = np.exp(logits - logits.max(1, keepdims=True))
        return shares / shares.sum(1, keepdims=True)


@dataclass(frozen=True)
class Opinions:
    """What is known beside the model, for some branches."""

    tilt: Tilt | None
    """The model tilted to the person's words; None where nothing tells which are common."""
    own: Recollection | None
    """What the person's phrases recall, beside the tilted model; None without such a memory."""
    draft: Recollection | None
    """What the draft's phrases recall; None without such a memory."""
    words: Floats | None
    """The draft's words, as shares of all, (vocabulary,); None where it has none."""
    size: int
    """Tokens of the draft's memory."""

    def features(self, model: Floats) -> Floats:
        """Return what the gate sees, beside the model's probabilities, (branches, vocabulary)."""
        return blend_features(model, self.own, self.draft, self.size)

    def join(self, blend: Blend, model: Floats) -> Floats:
        """Return the probabilities of all together, (branches, vocabulary)."""
        shares = blend.shares(self.features(model))
        kept = shares[:, TILTED].astype(np.float64)
        for expert, recollection in self._recollections():
            kept += shares[:, expert] * (recollection.left if recollection is not None else 1.0)
        if self.words is None:
            kept += shares[:, WORDS]
        if self.tilt is None:
            joined = model * (kept + shares[:, MODEL])[:, None].astype(np.float32)
        else:
            joined = self.tilt.join(shares[:, MODEL], kept.astype(np.float32))
        if self.words is not None:
            joined += np.multiply.outer(shares[:, WORDS], self.words)
        for expert, recollection in self._recollections():
            if recollection is not None:
                rows, values = recollection.rows, recollection.values
                shared = (values * shares[rows, expert]).astype(np.float32)
                # One index instead of two: numpy has a fast way for that.
                np.add.at(joined.reshape(-1), rows * joined.shape[1] + recollection.tokens, shared)
        return joined

    def chances(self, blend: Blend, model: Floats, wanted: Ints) -> Floats:
        """Return the probability of one token a branch by all together, (branches,)."""
        return np.einsum("be,be->b", blend.shares(self.features(model)), self.experts(model, wanted))

    def experts(self, model: Floats, wanted: Ints) -> Floats:
        """Return each expert's probability of one token a branch, (branches, EXPERTS)."""
        here = np.arange(len(wanted))
        plain = model[here, wanted]
        tilted = plain if self.tilt is None else self.tilt.at(here, wanted)
        said = np.repeat(tilted[:, None], EXPERTS, 1)
        said[:, MODEL] = plain
        for expert, recollection in self._recollections():
            if recollection is not None:
                right = recollection.tokens == wanted[recollection.rows]
                found = np.bincount(recollection.rows[right], recollection.values[right], len(wanted))
                said[:, expert] = said[:, expert] * recollection.left + found
        if self.words is not None:
            said[:, WORDS] = self.words[wanted]
        return said

    def _recollections(self) -> tuple[tuple[int, Recollection | None], ...]:
        return (OWN, self.own), (DRAFT, self.draft)


@cache
def shipped_blend() -> Blend | None:
    """Return the gate that ships; None where this copy has none."""
    if not SHIPPED.is_file():
        return None
    return Blend.from_json(read_json(SHIPPED, MAX_BYTES))


@dataclass(frozen=True)
class Lesson:
    """What the experts made of a text that none has learnt from, a row a token."""

    features: Floats
    """As `blend_features` gives them, (tokens, INPUTS)."""
    experts: Floats
    """Each one's probability of the token that came, (tokens, EXPERTS)."""

    def loss(self, blend: Blend | None) -> float:
        """Return the mean loss in nats a token, of the mixture or, without a gate, of the model alone."""
        if blend is None:
            return float(-np.log(self.experts[:, MODEL]).mean())
        return float(-np.log((blend.shares(self.features) * self.experts).sum(1)).mean())


def fit_blend(
    lesson: Lesson, start: Blend | None = None, steps: int = 300, rate: float = 0.01, seed: int = 0
) -> Blend:
    """Fit a gate to the likelihood of a text that no expert has learnt from.

    Args:
        lesson: what they made of it.
        start: a gate to go on from; None begins with one that trusts the model alone.
        steps: updates, each over all of the lesson.
        rate: the greatest learning rate.
        seed: decides the weights that a new gate starts from.
    """
    if start is None:
        mean, scale = lesson.features.mean(0), 1 / (lesson.features.std(0) + 0.1)
        weights = _fresh(seed)
    else:
        mean, scale = start.arrays["mean"], start.arrays["scale"]
        weights = [torch.from_numpy(start.arrays[name].copy()) for name in _NAMES[2:]]
    x = torch.from_numpy(np.clip((lesson.features - mean) * scale, -8, 8))
    experts = torch.from_numpy(lesson.experts).clamp_min(1e-12).log()
    for weight in weights:
        weight.requires_grad_()
    optimizer = torch.optim.AdamW(weights, rate, weight_decay=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        optimizer.zero_grad()
        _loss(x, experts, weights).backward()
        optimizer.step()
    arrays = dict(zip(_NAMES[2:], (weight.detach().numpy() for weight in weights), strict=True))
    return Blend({"mean": mean, "scale": scale, **arrays})


def _fresh(seed: int) -> list[Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = nn.Linear(INPUTS, HIDDEN)
        output = 0.1 * torch.randn(HIDDEN, EXPERTS - 1)
    shift = torch.full((EXPERTS - 1,), -2.0)
    return [layer.weight.detach().t().contiguous(), layer.bias.detach().clone(), output, shift]


def _loss(x: Tensor, experts: Tensor, weights: list[Tensor]) -> Tensor:
    """Return the mean negative log-likelihood of the mixture, in nats."""
    hidden, bias, output, shift = weights
    logits = functional.pad(torch.tanh(x @ hidden + bias) @ output + shift, (1, 0))
    return -torch.logsumexp(torch.log_softmax(logits, 1) + experts, 1).mean()
