"""Going on from a prompt: text sampled token by token, in pieces that can be shown as they come.

Needs no screen. A prompt that ends inside a word is continued under the constraint of the letters already there,
so that the text does not depend on where the tokenizer happened to cut.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import torch
from torch import Tensor

from core.prediction.predictor import Predictor
from core.prediction.sampling import check, sample
from core.prediction.session import context_of
from core.text import strip_controls

TOKENS_A_WORD = 32
"""Tokens for each word asked for, after which a model that ends no word is stopped."""


class WordLimit:
    """Lets a text through, piece by piece, to the end of its last word."""

    def __init__(self, words: int, inside: bool) -> None:
        self.words = 0
        """Words that began so far."""
        self.reached = False
        """Whether the last word has ended."""
        self._limit = words
        self._inside = inside

    def take(self, piece: str) -> str:
        """The part of `piece` that is within the limit."""
        for index, character in enumerate(piece):
            if character.isspace():
                self._inside = False
                if self.words >= self._limit:
                    self.reached = True
                    return piece[:index]
            elif not self._inside:
                self._inside = True
                self.words += 1
        return piece


def generate(
    predictor: Predictor,
    prompt: str,
    *,
    temperature: float = 0.7,
    top_p: float = 1.0,
    words: int = 100,
    seed: int = 0,
) -> Iterator[str]:
    """Yield the text that goes on from `prompt`, a piece a token; empty while a character is not whole.

    Ends with the last of `words` words (the rest of the prompt's own last word is none of them), at the end of a
    document, or when the model goes on and on without ending a word. The same seed gives the same text.

    Raises:
        ValueError: when temperature or top_p is out of range.
    """
    check(temperature, top_p)
    generator = torch.Generator().manual_seed(seed)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    limit = WordLimit(words, inside=bool(prompt) and not prompt[-1].isspace())
    tokenizer = predictor.tokenizer
    context = context_of(predictor, prompt)
    wanted, state = context.wanted, context.node.state
    probabilities, _ = predictor.predict([state])
    for _ in range(TOKENS_A_WORD * (words + 1)):
        if wanted:
            probabilities = probabilities * _agreeing(tokenizer.pieces, wanted)
        token = int(sample(probabilities.log(), temperature, top_p, generator))
        if token == tokenizer.boundary:
            return
        piece = tokenizer.pieces[token]
        piece, wanted = piece[len(wanted) :], wanted[len(piece) :]
        yield limit.take(strip_controls(decoder.decode(piece)))
        if limit.reached:
            return
        probabilities, _, (state,) = predictor.step([token], [state])


def _agreeing(pieces: list[bytes], wanted: bytes) -> Tensor:
    """1 for each token that agrees with the bytes to be spelled first, 0 for the others; (vocabulary,)."""
    agrees = [bool(piece) and (piece.startswith(wanted) or wanted.startswith(piece)) for piece in pieces]
    return torch.tensor(agrees, dtype=torch.float32)
