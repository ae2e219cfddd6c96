"""What predicts, as sessions and decoders see it: states go in and come out one a branch, with probabilities.

Needs no screen. What memories know is mixed into the network's prediction behind this seam: a `State` is opaque
to everyone else. The model's own prediction (network and corpus memory) comes first; what the person's documents
and the draft recall is joined to it by a gate (models.blend), and can be joined anew when the draft has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Literal, NamedTuple, Protocol, cast

import numpy as np
import torch
from torch import Tensor

from core.prediction.familiarity import Familiarity, limits_of
from core.prediction.folding import fold
from core.prediction.pieces import Pieces
from models.blend import Blend, Opinions, shipped_blend
from models.draft import DraftMemory, each_more, no_tokens, one_more
from models.gate import Floats, Mixture, gate_features
from models.memory import Nodes
from models.personal import Personal
from models.recall import Evidence, Ints, Recollection, recall
from models.recurrent import RecurrentLanguageModel
from models.stepper import Stepper, make_stepper
from models.tilt import Tilt, tilt
from models.tokenizers import Tokenizer


class State(NamedTuple):
    """What is known after a text, for one branch. Never changed in place."""

    network: Floats
    """The network's state, (1, parts * layers, hidden)."""
    memory: Nodes | None
    """The corpus memory's, where there is one."""
    own: Ints | None
    """That of the person's phrases, where there are some."""
    recent: Ints
    """The last tokens, by which the draft's memory is asked."""


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
    def personal(self) -> Personal | None:
        """What it remembers of a person's documents."""
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
        personal = checkpoint.personal
        blend = personal.blend if personal is not None else None
        if blend is None and checkpoint.tokenizer.level == "subword":  # what ships was fitted to such tokens
            blend = shipped_blend()
        stepper = make_stepper(checkpoint.model, form)
        self._take(stepper, checkpoint.tokenizer, folding, checkpoint.mixture, personal, blend)
        limits = limits_of(checkpoint.card.get("familiar"))
        if checkpoint.mixture is not None and limits is not None:
            self.familiarity = Familiarity(checkpoint.mixture.memory, checkpoint.tokenizer.pieces, limits)

    @classmethod
    def of(
        cls,
        stepper: Stepper,
        tokenizer: Tokenizer,
        folding: bool = False,
        mixture: Mixture | None = None,
        personal: Personal | None = None,
        blend: Blend | None = None,
    ) -> Predictor:
        """Return a predictor of parts that need not come from a checkpoint; without a gate, nothing is recalled."""
        predictor = cls.__new__(cls)
        predictor._take(stepper, tokenizer, folding, mixture, personal, blend)
        return predictor

    def _take(
        self,
        stepper: Stepper,
        tokenizer: Tokenizer,
        folding: bool,
        mixture: Mixture | None,
        personal: Personal | None,
        blend: Blend | None,
    ) -> None:
        self.stepper = stepper
        self.mixture = mixture
        self.personal = personal
        """What is remembered of a person's documents."""
        self.blend = blend
        """Whom to believe; without it nothing is recalled, of documents or drafts."""
        self.draft: DraftMemory | None = None
        """What is remembered of the draft that this predictor is asked about (`for_draft`)."""
        self._tilt: tuple[int, Floats] | None = None
        self._phrases = personal.phrases if personal and blend and not personal.phrases.empty else None
        self.tokenizer = tokenizer
        self.familiarity: Familiarity | None = None
        """What tells a text in another language, where the model can tell."""
        self.folding = folding
        """Whether the network reads folded text (core.prediction.folding)."""
        self.pieces = Pieces(tokenizer.pieces)
        masks = self.pieces.ends[1:]
        self._masks = np.stack(masks).astype(np.float32)  # (2, vocabulary)
        nodes = mixture.memory.initial() if mixture else None
        own = self._phrases.initial() if self._phrases else None
        nothing = State(stepper.initial(), nodes, own, no_tokens())
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

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of texts that are as they were written; none is remembered."""
        return self.tokenizer.encode_all([self.fold(text) for text in texts])

    def for_draft(self, draft: DraftMemory) -> Predictor:
        """Return the same predictor for one draft, whose memory it asks as it is at each prediction."""
        other = copy(self)
        other.draft, other._tilt = draft, None
        return other

    @property
    def version(self) -> int:
        """Another number whenever what is recalled of the draft may be other than it was."""
        return self.draft.version if self.draft is not None else 0

    def run(self, ids: Sequence[int], state: State) -> list[State]:
        """Read tokens; return the state after each."""
        # Copies, so that keeping one state does not keep all of them.
        rows = [row[None].copy() for row in self.stepper.run(ids, state.network)]
        return self._follow(ids, state, rows)

    def _follow(self, ids: Sequence[int], state: State, networks: Sequence[Floats]) -> list[State]:
        """Return the states after each token; the network's are known."""
        if not ids:
            return []
        tokens = np.asarray(ids, np.int64)
        own = self._phrases.walk(state.own, tokens) if self._phrases and state.own is not None else None
        recent = each_more(state.recent, tokens).copy()
        nodes, states = state.memory, list[State]()
        for index, (token, network) in enumerate(zip(ids, networks, strict=True)):
            if self.mixture is not None and nodes is not None:
                nodes = self.mixture.memory.advance(nodes, token)
            states.append(State(network, nodes, own[index] if own is not None else None, recent[index]))
        return states

    def _advance(self, ids: Sequence[int], states: Sequence[State], networks: Floats) -> list[State]:
        """Return the states of several branches one token on; the network's are known."""
        tokens = np.asarray(ids, np.int64)
        own = self._phrases.advance(self._own(states), tokens) if self._phrases else None
        recent = one_more(_stacked([state.recent for state in states]), tokens)
        after: list[State] = []
        for row, (state, token) in enumerate(zip(states, ids, strict=True)):
            nodes = state.memory
            if self.mixture is not None and nodes is not None:
                nodes = self.mixture.memory.advance(nodes, token)
            mine = own[row] if own is not None else None
            after.append(State(networks[row : row + 1], nodes, mine, recent[row]))
        return after

    def _own(self, states: Sequence[State]) -> Ints:
        return _stacked([cast("Ints", state.own) for state in states])

    def ask(self, ids: Sequence[int], states: Sequence[State]) -> tuple[Floats, list[State]]:
        """Read one token a branch.

        Returns:
            The model's own probabilities of the token to come, (branches, vocabulary), for `join`; the new states.
        """
        logits, new = self.stepper.step(ids, _joined(states))
        after = self._advance(ids, states, new)
        return self._model(logits, after), after

    def say(self, states: Sequence[State]) -> Floats:
        """Return the model's own probabilities of the token after each state, (branches, vocabulary), for `join`."""
        return self._model(self.stepper.logits(_joined(states)), states)

    def join(self, model: Floats, states: Sequence[State]) -> tuple[Floats, Floats]:
        """Join what is recalled to the model's own probabilities.

        Returns:
            Probabilities, (branches, vocabulary), which are `model` itself where nothing can be recalled; and how
            likely it is, (branches, 2), that the next token cannot go on with a word, and with marks.
        """
        opinions = self.opinions(model, states)
        if opinions is not None and self.blend is not None:
            model = opinions.join(self.blend, model)
        return model, np.vecdot(model[:, None], self._masks)

    def chances(self, model: Floats, states: Sequence[State], ids: Sequence[int]) -> Floats:
        """Return how likely one token a branch is, what is recalled included, (branches,)."""
        opinions = self.opinions(model, states)
        if opinions is None or self.blend is None:
            return model[np.arange(len(ids)), ids]
        return opinions.chances(self.blend, model, np.asarray(ids, np.int64))

    def opinions(self, model: Floats, states: Sequence[State]) -> Opinions | None:
        """Return what is recalled after some states; None where nothing can be."""
        draft = self.draft if self.draft is not None and self.draft.size else None
        if self.blend is None or (self._phrases is None and draft is None):
            return None
        factors = self._factors(draft)
        tilted = Tilt.of(model, factors) if factors is not None else None

        def beside(evidence: Evidence) -> Recollection:
            rows, tokens = evidence.rows, evidence.tokens
            return recall(evidence, model[rows, tokens] if tilted is None else tilted.at(rows, tokens))

        own = beside(self._phrases.evidence(self._own(states))) if self._phrases else None
        if draft is None:
            return Opinions(tilted, own, None, None, 0)
        found = beside(draft.evidence(_stacked([state.recent for state in states])))
        return Opinions(tilted, own, found, draft.shares, draft.size)

    def _factors(self, draft: DraftMemory | None) -> Floats | None:
        """Return how the model is tilted to the person's words; None where no corpus tells what is common."""
        if self.mixture is None:
            return None
        if self._tilt is None or self._tilt[0] != self.version:
            texts = [self._phrases.seen] if self._phrases else []
            if draft is not None:
                texts.append(draft.words)
            self._tilt = self.version, tilt(self.mixture.memory.unigrams, texts)
        return self._tilt[1]

    def step(self, ids: Sequence[int], states: Sequence[State]) -> tuple[Tensor, Tensor, list[State]]:
        """Read one token a branch.

        Returns:
            As `predict`, and the new states.
        """
        model, after = self.ask(ids, states)
        probabilities, masses = self.join(model, after)
        return torch.from_numpy(probabilities), torch.from_numpy(masses), after

    def predict(self, states: Sequence[State]) -> tuple[Tensor, Tensor]:
        """Predict the token after each state.

        Returns:
            Probabilities, (branches, vocabulary); and how likely it is, (branches, 2), that the next token cannot go
            on with a word, and with marks.
        """
        probabilities, masses = self.join(self.say(states), states)
        return torch.from_numpy(probabilities), torch.from_numpy(masses)

    def score(self, ids: Sequence[int], state: State) -> tuple[list[float], State]:
        """Return the log-probability (nats) of each token after those before it, and the state after the last."""
        logs: list[float] = []
        for at in range(0, len(ids), SCORED):
            part = ids[at : at + SCORED]
            models, states = self.read(part, state)
            logs += cast("list[float]", np.log(self.chances(models, states[:-1], part)).tolist())
            state = states[-1]
        return logs, state

    def read(self, ids: Sequence[int], state: State) -> tuple[Floats, list[State]]:
        """Read some tokens, one after the other.

        Returns:
            The model's own probabilities before each token, (tokens, vocabulary), and the states before each and
            after the last.
        """
        after = self.stepper.run(ids, state.network)
        before = np.concatenate((state.network, after[:-1]))
        states = [state, *self._follow(ids, state, [row[None].copy() for row in after])]
        return self._model(self.stepper.logits(before), states[:-1]), states

    def _model(self, logits: Floats, states: Sequence[State]) -> Floats:
        """Return the probability of each token after each state, the corpus memory's knowledge mixed in."""
        network: Floats = torch.softmax(torch.from_numpy(logits), 1).numpy()
        if self.mixture is None:
            return network
        nodes = [cast("Nodes", state.memory) for state in states]
        remembered, left = self.mixture.memory.predict_each(nodes)
        share = self.mixture.gate.share(gate_features(network, remembered, left))
        remembered -= network
        remembered *= share[:, None]
        network += remembered
        return network


def _stacked(contexts: Sequence[Ints]) -> Ints:
    """Return contexts one below the other: (branches, ORDERS)."""
    return np.concatenate(contexts).reshape(len(contexts), -1)  # a third of what np.stack takes


def _joined(states: Sequence[State]) -> Floats:
    return states[0].network if len(states) == 1 else np.concatenate([state.network for state in states])
