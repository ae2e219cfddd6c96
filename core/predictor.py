"""What predicts, as sessions and decoders see it: states go in and come out one a branch, with probabilities.

Needs no screen. What a memory knows is mixed into the network's prediction behind this seam: a `State` is opaque
to everyone else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from core.folding import fold
from core.pieces import Pieces
from models.gate import Floats, Mixture, gate_features
from models.memory import Nodes
from models.recurrent import RecurrentLanguageModel
from models.stepper import Stepper, make_stepper
from models.tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class State:
    """What is known after a text, for one branch. Never changed in place."""

    network: Tensor
    """The network's state, (1, parts * layers, hidden)."""
    memory: Nodes | None
    """The memory's, where there is one."""


SCORED = 64
"""Tokens that are scored at a time."""


class Loaded(Protocol):
    """What is asked of a checkpoint in memory (`models.checkpoint.Checkpoint` is one)."""

    @property
    def model(self) -> RecurrentLanguageModel:
        """The network."""
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """The network's tokenizer."""
        ...

    @property
    def mixture(self) -> Mixture | None:
        """The memory that is mixed in, if there is one."""
        ...

    @property
    def card(self) -> Mapping[str, Any]:
        """What is known about the model; `folding: "ascii"` says that it was trained on folded text."""
        ...


class Predictor:
    """A model ready to be asked: its stepper, its tokenizer, and what decoding needs to know of its vocabulary."""

    def __init__(self, checkpoint: Loaded, form: Literal["auto", "float32", "int8"] = "auto") -> None:
        """Lay out a loaded checkpoint for steps; it is not needed afterwards.

        Raises:
            ModelError: when int8 is asked for and this machine has no kernels for it.
        """
        folding = checkpoint.card.get("folding") == "ascii"
        self._take(make_stepper(checkpoint.model, form), checkpoint.tokenizer, folding, checkpoint.mixture)

    @classmethod
    def of(
        cls, stepper: Stepper, tokenizer: Tokenizer, folding: bool = False, mixture: Mixture | None = None
    ) -> Predictor:
        """Return a predictor of parts that need not come from a checkpoint."""
        predictor = cls.__new__(cls)
        predictor._take(stepper, tokenizer, folding, mixture)
        return predictor

    def _take(self, stepper: Stepper, tokenizer: Tokenizer, folding: bool, mixture: Mixture | None) -> None:
        self.stepper = stepper
        self.mixture = mixture
        self.tokenizer = tokenizer
        self.folding = folding
        """Whether the network reads folded text (core.folding)."""
        self.pieces = Pieces(tokenizer.pieces)
        masks = self.pieces.ends[1:]
        self._masks = torch.stack([torch.from_numpy(mask) for mask in masks], 1).float()  # (vocabulary, 2)
        nothing = State(stepper.initial(), mixture.memory.initial() if mixture else None)
        self.start: State = self.run([tokenizer.boundary], nothing)[0]
        """The state at the beginning of a text."""
        self._encoded: dict[str, list[int]] = {}

    @property
    def form(self) -> str:
        """The form of the network's weights: "int8" or "float32"."""
        return self.stepper.form

    def fold(self, text: str) -> str:
        """Return the text as the network was trained to read it."""
        return fold(text) if self.folding else text

    def encode(self, chunk: str) -> list[int]:
        """Return the ids of a short text; recent ones are remembered, so the list must not be changed."""
        ids = self._encoded.get(chunk)
        if ids is None:
            if len(self._encoded) >= 20_000:
                self._encoded.clear()
            ids = self._encoded[chunk] = self.tokenizer.encode(chunk)
        return ids

    def run(self, ids: Sequence[int], state: State) -> list[State]:
        """Read tokens; return the state after each."""
        states = self.stepper.run(ids, state.network)
        nodes = self._walk(ids, state.memory)
        # Copies, so that keeping one state does not keep all of them.
        return [State(row.unsqueeze(0).clone(), node) for row, node in zip(states, nodes, strict=True)]

    def _walk(self, ids: Sequence[int], nodes: Nodes | None) -> list[Nodes | None]:
        """Return the memory's state after each token."""
        walked: list[Nodes | None] = []
        for token in ids:
            nodes = self._advance(nodes, token)
            walked.append(nodes)
        return walked

    def _advance(self, nodes: Nodes | None, token: int) -> Nodes | None:
        if self.mixture is None or nodes is None:
            return None
        return self.mixture.memory.advance(nodes, token)

    def step(self, ids: Sequence[int], states: Sequence[State]) -> tuple[Tensor, Tensor, list[State]]:
        """Read one token a branch.

        Returns:
            As `predict`, and the new states.
        """
        with torch.inference_mode():
            batch = _joined(states)
            logits, new = self.stepper.step(torch.tensor(ids, dtype=torch.int64), batch)
            nodes = [self._advance(state.memory, token) for state, token in zip(states, ids, strict=True)]
            probabilities = self._probabilities(logits, nodes)
            masses = probabilities @ self._masks
        after = [State(new[row : row + 1], node) for row, node in enumerate(nodes)]
        return probabilities, masses, after

    def score(self, ids: Sequence[int], state: State) -> tuple[list[float], State]:
        """Return the log-probability (nats) of each token after those before it, and the state after the last."""
        if not ids:
            return [], state
        logs: list[float] = []
        with torch.inference_mode():
            after = self.stepper.run(ids, state.network)
            before = torch.cat((state.network, after[:-1]))
            nodes = [state.memory, *self._walk(ids, state.memory)]
            for at in range(0, len(ids), SCORED):
                part = slice(at, min(at + SCORED, len(ids)))
                chosen = torch.tensor(ids[part], dtype=torch.int64).unsqueeze(1)
                found = self._probabilities(self.stepper.logits(before[part]), nodes[part]).gather(1, chosen)
                logs += cast("list[float]", found.squeeze(1).log().tolist())  # pyright: ignore[reportUnknownMemberType]
            return logs, State(after[-1:].clone(), nodes[-1])

    def predict(self, states: Sequence[State]) -> tuple[Tensor, Tensor]:
        """Predict the token after each state.

        Returns:
            Probabilities, (branches, vocabulary); and how likely it is, (branches, 2), that the next token cannot go
            on with a word, and with marks.
        """
        with torch.inference_mode():
            logits = self.stepper.logits(_joined(states))
            probabilities = self._probabilities(logits, [state.memory for state in states])
            return probabilities, probabilities @ self._masks

    def _probabilities(self, logits: Tensor, nodes: Sequence[Nodes | None]) -> Tensor:
        """Return the probability of each token after each state, the memory's knowledge mixed in."""
        spoken = torch.softmax(logits, 1)
        if self.mixture is None:
            return spoken
        network: Floats = spoken.numpy()
        known = [self.mixture.memory.predict(cast("Nodes", node)) for node in nodes]
        remembered = np.stack([probabilities for probabilities, _ in known])
        share = self.mixture.gate.share(
            gate_features(network, remembered, np.stack([left for _, left in known]))
        )
        remembered -= network
        remembered *= share[:, None]
        return spoken.add_(torch.from_numpy(remembered))


def _joined(states: Sequence[State]) -> Tensor:
    return states[0].network if len(states) == 1 else torch.cat([state.network for state in states])
