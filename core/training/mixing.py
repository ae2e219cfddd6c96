"""Joining a network and a memory: what each says of a held-out text, and the gate that is fitted to it.

Needs no screen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch

from core.training.streams import Tokens, TokenStreams
from models.gate import Gate, fit_gate, gate_features
from models.memory import Memory
from models.recurrent import RecurrentLanguageModel

Floats = npt.NDArray[np.float32]

STREAMS = 4
WINDOW = 64


@dataclass
class Judgement:
    """What network and memory made of a text, a row a token."""

    features: Floats
    """What a gate sees before each token, (tokens, features)."""
    network: Floats
    """The network's probability of each token that came, (tokens,)."""
    memory: Floats
    """The memory's, (tokens,)."""

    def part(self, rows: slice) -> "Judgement":
        """Return some of the tokens."""
        return Judgement(self.features[rows], self.network[rows], self.memory[rows])

    def loss(self, gate: Gate | None) -> float:
        """Return the mean loss in nats a token, of the mixture or, without a gate, of the network alone."""
        share = gate.share(self.features) if gate is not None else np.float32(0)
        return float(-np.log((1 - share) * self.network + share * self.memory).mean())


def judge(model: RecurrentLanguageModel, memory: Memory, tokens: Tokens) -> Judgement:
    """Run network and memory over a text that neither has learnt from."""
    parts = list(_windows(model, memory, TokenStreams(tokens, STREAMS, WINDOW, 0)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Judgement(columns[0], columns[1], columns[2])


def fit(judgement: Judgement) -> Gate:
    """Fit a gate to a judgement."""
    return fit_gate(judgement.features, judgement.network, judgement.memory)


def fit_and_measure(judgement: Judgement) -> tuple[Gate, float]:
    """Fit a gate to all of a judgement, and say what such a gate is worth on text that it was not fitted to.

    Returns:
        The gate, and the mean loss of the mixture in nats a token, where each half was measured with a gate that
        was fitted to the other.
    """
    middle = len(judgement.network) // 2
    first, second = judgement.part(slice(middle)), judgement.part(slice(middle, None))
    losses = (first.loss(fit(second)) * len(first.network), second.loss(fit(first)) * len(second.network))
    return fit(judgement), sum(losses) / len(judgement.network)


def _windows(
    model: RecurrentLanguageModel, memory: Memory, streams: TokenStreams
) -> Iterator[tuple[Floats, Floats, Floats]]:
    state = model.initial_state(streams.streams)
    nodes = [memory.initial()] * streams.streams
    model.eval()
    for index in range(streams.windows):
        ids, targets = streams.window(index)
        with torch.inference_mode():
            logits, state = model(ids, state)
            probabilities: Floats = torch.softmax(logits.float(), 2).numpy()
        rows = cast("list[list[int]]", ids.tolist())
        for row, wanted, spoken in zip(rows, targets.numpy(), probabilities, strict=True):
            nodes = [memory.advance(before, token) for before, token in zip(nodes, row, strict=True)]
            remembered, left = memory.predict_each(nodes)
            at = np.arange(len(wanted)), wanted
            yield gate_features(spoken, remembered, left), spoken[at], remembered[at]
