"""Models that decoding can be tried on: exact ones that count, and networks with random weights."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest
import torch

from core.prediction.predictor import Predictor
from core.training.mixing import fit, judge
from models.config import Cell, ModelConfig
from models.counting import count_memory
from models.gate import Mixture
from models.personal import Personal
from models.recurrent import RecurrentLanguageModel
from models.stepper import Floats, Form, int8_available
from models.tokenizers import Level, Tokenizer, train_tokenizer

TEXT = (
    "The cat did not complete the task. The dogs compete in the garden, and the cat complains.\n\n"
    "She said that the completion of the house was complete. We don't know that they're completely right.\n\n"
    "The cat sat on the mat, and the dog sat on the cat. It's the cat's mat, isn't it? The cat sat still.\n\n"
) * 3


class CountingStepper:
    """Predicts by counting: what followed the last tokens in a text, shorter contexts backing off to a tenth."""

    form: Form = "float32"

    def __init__(self, tokenizer: Tokenizer, text: str, order: int) -> None:
        self.vocabulary = tokenizer.size
        self.steps = 0
        self._order = order
        self._counts: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        ids = [tokenizer.boundary, *tokenizer.encode(text)]
        for end in range(1, len(ids)):
            for length in range(min(order, end) + 1):
                self._counts[tuple(ids[end - length : end])][ids[end]] += 1
        self._known: dict[tuple[int, ...], Floats] = {}

    def initial(self, batch: int = 1) -> Floats:
        return np.full((batch, 1, self._order), -1, np.float32)

    def step(self, ids: Sequence[int], state: Floats) -> tuple[Floats, Floats]:
        self.steps += 1
        new = np.concatenate((state[:, :, 1:], np.asarray(ids, np.float32).reshape(-1, 1, 1)), 2)
        return self.logits(new), new

    def run(self, ids: Sequence[int], state: Floats) -> Floats:
        states = [state := self.step([token], state)[1] for token in ids]
        return np.concatenate(states) if states else state[:0]

    def logits(self, state: Floats) -> Floats:
        return np.stack([self._logits(tuple(int(t) for t in row.flatten() if t >= 0)) for row in state])

    def _logits(self, context: tuple[int, ...]) -> Floats:
        if context not in self._known:
            probabilities = np.full(self.vocabulary, 1e-6 / self.vocabulary, np.float32)
            weight = 1.0
            for start in range(len(context) + 1):
                counts = self._counts.get(context[start:])
                if counts:
                    for token, count in counts.items():
                        probabilities[token] += weight * count / counts.total()
                    weight /= 10
            self._known[context] = np.log(probabilities / probabilities.sum())
        return self._known[context]


@dataclass
class Checkpoint:
    """What a predictor wants of a loaded checkpoint."""

    model: RecurrentLanguageModel
    tokenizer: Tokenizer
    card: dict[str, Any]
    mixture: Mixture | None = None
    personal: Personal | None = None


def mixture_of(model: RecurrentLanguageModel, tokenizer: Tokenizer) -> Mixture:
    """A memory of TEXT and a gate that was fitted to some of it."""
    tokens = np.array(tokenizer.encode(TEXT))
    memory = count_memory(tokens, tokenizer.size, 4, least=(1,))
    return Mixture(memory, fit(judge(model, memory, tokens[:200])))


SIZES: dict[Level, int] = {"char": 300, "word": 400, "subword": 340}


@pytest.fixture(scope="session")
def tokenizer_of() -> Callable[[Level], Tokenizer]:
    """Tokenizers of each level, trained on TEXT."""
    made: dict[Level, Tokenizer] = {}

    def get(level: Level) -> Tokenizer:
        if level not in made:
            made[level] = train_tokenizer([TEXT], level, SIZES[level])
        return made[level]

    return get


@pytest.fixture
def counting(tokenizer_of: Callable[[Level], Tokenizer]) -> Callable[..., Predictor]:
    """A predictor that has learnt a text by heart."""

    def make(level: Level = "subword", text: str = TEXT, order: int = 8, folding: bool = False) -> Predictor:
        tokenizer = tokenizer_of(level)
        return Predictor.of(CountingStepper(tokenizer, text, order), tokenizer, folding)

    return make


@pytest.fixture
def random_network(tokenizer_of: Callable[[Level], Tokenizer]) -> Callable[..., Predictor]:
    """A predictor around a network with random weights."""

    def make(
        level: Level = "subword",
        cell: Cell = "lstm",
        form: Literal["float32", "int8"] = "float32",
        folding: bool = False,
        memory: bool = False,
    ) -> Predictor:
        if form == "int8" and not int8_available():
            pytest.skip("this processor has no int8 kernels in torch")
        torch.manual_seed(5)
        tokenizer = tokenizer_of(level)
        model = RecurrentLanguageModel(ModelConfig(tokenizer.size, cell, 2, 24, dropout=0.0)).eval()
        with torch.no_grad():
            # Sharper predictions than fresh weights give.
            model.output.weight *= 12
        card = {"folding": "ascii"} if folding else {}
        mixture = mixture_of(model, tokenizer) if memory else None
        return Predictor(Checkpoint(model, tokenizer, card, mixture), form)

    return make
