"""Token streams: a long text cut into parallel streams of equal length, read window by window.

Needs no screen. Training carries the network's state from each window to the next of the same stream, so that
it learns over more than a window though gradients reach back only one (truncated back-propagation through time).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.tokenizers import Tokenizer

Tokens = npt.NDArray[np.integer[Any]]
Window = tuple[Tensor, Tensor]
"""Inputs and targets, each (time, batch), int64."""


def encode_documents(documents: Sequence[str], tokenizer: Tokenizer) -> Tokens:
    """Return all documents' tokens in one array, a boundary before each and one at the end."""
    dtype = np.uint16 if tokenizer.size <= 1 << 16 else np.int32
    boundary = np.array([tokenizer.boundary], dtype).tobytes()
    found = bytearray(boundary)  # grows in place: arrays that are joined in the end take twice the room
    for ids in tokenizer.encode_each(documents):
        found += ids.astype(dtype).tobytes()
        found += boundary
    return np.frombuffer(found, dtype)


def texts_of(tokens: Tokens, tokenizer: Tokenizer) -> list[str]:
    """Return the documents that `encode_documents` made an array of."""
    parts = np.split(tokens, np.flatnonzero(tokens == tokenizer.boundary))
    return [tokenizer.decode([int(token) for token in part[1:]]) for part in parts if len(part) > 1]


class TokenStreams:
    """Parallel streams over one array of tokens; each epoch cuts them at another place.

    Args:
        tokens: token ids, (length,).
        streams: streams wanted; a text too short for two windows each gets fewer.
        window: tokens of each stream in a window.
        seed: decides where each epoch begins.
        multiple: their number is one of this.

    Raises:
        ValueError: when there are too few tokens.
    """

    def __init__(self, tokens: Tokens, streams: int, window: int, seed: int, multiple: int = 1) -> None:
        """Cut the array; see the class."""
        if len(tokens) < 2 * multiple:
            raise ValueError("a stream needs two tokens at least")
        self._tokens = tokens
        self._window = window
        self._seed = seed
        fitting = min(streams, len(tokens) // (2 * window))
        self.streams = max(1, fitting // multiple) * multiple
        slack = min(window, (len(tokens) - 1) // 2) if self.streams > 1 else 0
        self.length = (len(tokens) - 1 - slack) // self.streams
        """Tokens in a stream."""

    @property
    def windows(self) -> int:
        """Windows in an epoch."""
        return -(-self.length // self._window)

    def window(self, index: int, part: slice = slice(None)) -> Window:
        """Return window `index`, counted on through all epochs, of all streams or a part, as inputs and targets."""
        epoch, place = divmod(index, self.windows)
        span = self.streams * self.length
        slack = len(self._tokens) - 1 - span
        offset = int(np.random.default_rng((self._seed, epoch)).integers(slack + 1))
        where = part, slice(place * self._window, (place + 1) * self._window)
        inputs = self._tokens[offset : offset + span].reshape(self.streams, self.length)[where]
        targets = self._tokens[offset + 1 : offset + 1 + span].reshape(self.streams, self.length)[where]
        return _as_tensor(inputs), _as_tensor(targets)

    def starts_epoch(self, index: int) -> bool:
        """Say whether window `index` begins an epoch, where no state can be carried over."""
        return index % self.windows == 0


def _as_tensor(rows: Tokens) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(rows.T.astype(np.int64)))
