"""The gate: how far to trust the network and how far the memory, for each next token anew.

A mixture of experts whose weights come from a tiny network over what can be seen beforehand: how much of the
context the memory knows, how sure each of the two is, and how far they agree. It is fitted on text that neither
has learnt from, in seconds. Mixing language models with weights that depend on the context is from Jelinek and
Mercer 1980; a learnt gate, from Jacobs et al. 1991.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.errors import ModelError
from models.gate_weights import Floats, GateWeights
from models.memory import Memory

HIDDEN = 16
SURENESS = 5
"""Features beside those of the memory's orders."""
_TINY = 1e-9


def gate_features(network: Floats, memory: Floats, left: Floats) -> Floats:
    """Return what the gate sees, one row a branch.

    Args:
        network: the network's probabilities, (branches, vocabulary).
        memory: the memory's, (branches, vocabulary).
        left: share that the memory leaves to shorter contexts, by order, (branches, orders - 1).
    """
    features = np.empty((len(network), left.shape[1] + SURENESS), np.float32)
    features[:, :-SURENESS] = left + 1e-3
    sureness = features[:, -SURENESS:]
    # A product of two vectors at a time: a branch gets the same, bit for bit, alone and beside others.
    sureness[:, 0] = network.max(1)
    sureness[:, 1] = memory.max(1)
    sureness[:, 2] = np.vecdot(network, network)
    sureness[:, 3] = np.vecdot(memory, memory)
    sureness[:, 4] = np.vecdot(network, memory)
    sureness += _TINY
    return np.log(features, out=features)


class Gate(GateWeights):
    """A network of one hidden layer that gives the memory's share of the mixture."""

    def __init__(self, arrays: Mapping[str, Floats]) -> None:
        """Take the weights.

        By name: `mean`, `scale` (features,); `hidden` (features, hidden); `bias`, `output` (hidden,); `shift` (1,).

        Raises:
            ModelError: when their shapes do not fit each other or a number is not finite.
        """
        names = ("mean", "scale", "hidden", "bias", "output", "shift")
        if set(arrays) != set(names):
            raise ModelError("the gate lacks weights or has unknown ones")
        super().__init__({name: arrays[name] for name in names})
        self._mean, self._scale, self._hidden, self._bias, self._output, self._shift = self.arrays.values()
        features, width = self._hidden.shape if self._hidden.ndim == 2 else (0, 0)
        shapes = [array.shape for array in self.arrays.values()]
        if shapes != [(features,), (features,), (features, width), (width,), (width,), (1,)]:
            raise ModelError("the gate's weights do not fit each other")
        if not all(np.isfinite(array).all() for array in self.arrays.values()):
            raise ModelError("a weight of the gate is not a finite number")

    @property
    def features(self) -> int:
        """Number of features that the gate reads."""
        return len(self._mean)

    def share(self, features: Floats) -> Floats:
        """Return the memory's share of the mixture, 0 to 1, (branches,)."""
        # Sums by einsum, not by BLAS: a branch gets the same share, bit for bit, alone and beside others.
        scaled = (features - self._mean) * self._scale
        x = np.tanh(np.einsum("bf,fh->bh", scaled, self._hidden) + self._bias)
        logit = np.einsum("bh,h->b", x, self._output) + self._shift
        return np.asarray(1 / (1 + np.exp(-logit)), np.float32)


@dataclass(frozen=True)
class Mixture:
    """A memory, and the gate that says how far to trust it."""

    memory: Memory
    gate: Gate

    def __post_init__(self) -> None:
        """Check that the gate was fitted to a memory of these orders."""
        if self.gate.features != self.memory.orders - 1 + SURENESS:
            raise ModelError("the gate was fitted to a memory of other orders")


def fit_gate(features: Floats, network: Floats, memory: Floats, steps: int = 400, seed: int = 0) -> Gate:
    """Fit a gate to the likelihood of a text that neither expert has learnt from.

    Args:
        features: as `gate_features` gives them, (tokens, features).
        network: the network's probability of each token that came, (tokens,).
        memory: the memory's, (tokens,).
        steps: updates, each over the whole text.
        seed: decides the weights that it starts from.
    """
    mean, scale = features.mean(0), 1 / (features.std(0) + 1e-3)
    x = torch.from_numpy((features - mean) * scale)
    experts = torch.from_numpy(np.stack([network, memory], 1)).clamp_min(1e-12).log()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
    optimizer = torch.optim.Adam(layers.parameters(), 0.02)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.02 * (1 - step / steps)
        optimizer.zero_grad()
        _mixture_loss(cast("Tensor", layers(x)).squeeze(1), experts).backward()
        optimizer.step()
    first, last = cast("nn.Linear", layers[0]), cast("nn.Linear", layers[2])
    return Gate(
        {
            "mean": mean,
            "scale": scale,
            "hidden": first.weight.detach().t().numpy(),
            "bias": first.bias.detach().numpy(),
            "output": last.weight.detach()[0].numpy(),
            "shift": last.bias.detach().numpy(),
        }
    )


def _mixture_loss(gate: Tensor, experts: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of the mixture, in nats."""
    shares = torch.stack([functional.logsigmoid(-gate), functional.logsigmoid(gate)], 1)
    return -torch.logsumexp(shares + experts, 1).mean()
