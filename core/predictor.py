"""What predicts, as sessions and decoders see it: states go in and come out one a branch, with probabilities.

Needs no screen. Whatever else may one day be mixed into the prediction stays behind this seam: a `State` is opaque
to everyone else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, cast

import torch
from torch import Tensor

from core.folding import fold
from core.pieces import Pieces
from models.recurrent import RecurrentLanguageModel
from models.stepper import Stepper, make_stepper
from models.tokenizers import Tokenizer

State = Tensor
"""What is known after a text, for one branch; (1, parts * layers, hidden). Never changed in place."""


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
        self._take(make_stepper(checkpoint.model, form), checkpoint.tokenizer, folding)

    @classmethod
    def of(cls, stepper: Stepper, tokenizer: Tokenizer, folding: bool = False) -> Predictor:
        """Return a predictor of parts that need not come from a checkpoint."""
        predictor = cls.__new__(cls)
        predictor._take(stepper, tokenizer, folding)
        return predictor

    def _take(self, stepper: Stepper, tokenizer: Tokenizer, folding: bool) -> None:
        self.stepper = stepper
        self.tokenizer = tokenizer
        self.folding = folding
        """Whether the network reads folded text (core.folding)."""
        self.pieces = Pieces(tokenizer.pieces)
        masks = (self.pieces.breaks, self.pieces.ends)
        self._masks = torch.stack([torch.from_numpy(mask) for mask in masks], 1).float()  # (vocabulary, 2)
        self.start: State = stepper.run([tokenizer.boundary], stepper.initial())
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
        states = self.stepper.run(ids, state)
        # Copies, so that keeping one state does not keep all of them.
        return [row.unsqueeze(0).clone() for row in states]

    def step(self, ids: Sequence[int], states: Sequence[State]) -> tuple[Tensor, Tensor, list[State]]:
        """Read one token a branch.

        Returns:
            As `predict`, and the new states.
        """
        with torch.inference_mode():
            batch = states[0] if len(states) == 1 else torch.cat(list(states))
            logits, new = self.stepper.step(torch.tensor(ids, dtype=torch.int64), batch)
            probabilities, masses = self._probabilities(logits)
        return probabilities, masses, [new[row : row + 1] for row in range(len(ids))]

    def score(self, ids: Sequence[int], state: State) -> tuple[list[float], State]:
        """Return the log-probability (nats) of each token after those before it, and the state after the last."""
        if not ids:
            return [], state
        logs: list[float] = []
        with torch.inference_mode():
            after = self.stepper.run(ids, state)
            before = torch.cat((state, after[:-1]))
            for at in range(0, len(ids), SCORED):
                chosen = torch.tensor(ids[at : at + SCORED], dtype=torch.int64).unsqueeze(1)
                found = torch.log_softmax(self.stepper.logits(before[at : at + SCORED]), 1).gather(1, chosen)
                logs += cast("list[float]", found.squeeze(1).tolist())  # pyright: ignore[reportUnknownMemberType]
            return logs, after[-1:].clone()

    def predict(self, states: Sequence[State]) -> tuple[Tensor, Tensor]:
        """Predict the token after each state.

        Returns:
            Probabilities, (branches, vocabulary); and how likely it is, (branches, 2), that the next token goes on
            with no word, and that nothing more comes on the line.
        """
        with torch.inference_mode():
            return self._probabilities(self.stepper.logits(torch.cat(list(states))))

    def _probabilities(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        probabilities = torch.softmax(logits, 1)
        return probabilities, probabilities @ self._masks
