"""Token streams: every token in its order, each stream going on where its last window ended."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.training.streams import TokenStreams, encode_documents
from models.tokenizers import train_tokenizer


@given(
    length=st.integers(2, 400), streams=st.integers(1, 9), window=st.integers(1, 20), epoch=st.integers(0, 3)
)
def test_windows_of_an_epoch_are_the_text_in_order(
    length: int, streams: int, window: int, epoch: int
) -> None:
    tokens = np.arange(length, dtype=np.uint16)
    cut = TokenStreams(tokens, streams, window, seed=1)
    windows = [cut.window(epoch * cut.windows + index) for index in range(cut.windows)]
    inputs, targets = (torch.cat(parts) for parts in zip(*windows, strict=True))

    assert inputs.shape == (cut.length, cut.streams)
    assert torch.equal(targets, inputs + 1)  # the target is always the token that follows in the text
    read = inputs.t().flatten()
    assert torch.equal(read, torch.arange(int(read[0]), int(read[0]) + len(read)))
    assert [cut.starts_epoch(epoch * cut.windows + index) for index in range(cut.windows)] == [
        index == 0 for index in range(cut.windows)
    ]


def test_epochs_begin_at_different_places() -> None:
    cut = TokenStreams(np.arange(1000, dtype=np.uint16), 4, 16, seed=0)
    firsts = {int(cut.window(epoch * cut.windows)[0][0, 0]) for epoch in range(8)}
    assert len(firsts) > 1


def test_a_short_text_gets_fewer_streams() -> None:
    assert TokenStreams(np.arange(100, dtype=np.uint16), 32, 16, seed=0).streams == 3


def test_documents_are_set_apart_by_boundaries() -> None:
    tokenizer = train_tokenizer(["ab"], "char", 300)
    tokens = encode_documents(["ab", "", "b"], tokenizer)
    a, b = tokenizer.encode("ab")
    assert tokens.tolist() == [0, a, b, 0, 0, b, 0]
    assert tokens.dtype == np.uint16
