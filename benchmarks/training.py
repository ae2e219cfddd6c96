"""An update of training, ours against the plain loop of PyTorch's word_language_model example, on the same tokens.

The plain loop: a module of embedding, nn.LSTM and a linear layer, log-softmax over the whole vocabulary, the negative
log-likelihood, clipping, and a step of SGD, all in float32. Ours is core.training.run as it trains a model from
nothing. Both take turns over the same windows, with as many threads as a training here has.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.common import TIME_HEADERS, Table, show, side_by_side
from core.machine import threads_for_training
from core.training.devices import choose_device, choose_precision, describe_hardware
from core.training.run import Hyperparameters, TrainingRun
from core.training.streams import TokenStreams
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel

BAR = 1.5
CLIP = 0.25
RATE = 20.0


class PlainModel(nn.Module):
    """Embedding, LSTM and a decoder that shares the embedding's weights."""

    def __init__(self, vocabulary: int, hidden: int, layers: int, dropout: float) -> None:
        """Make one with torch's own initial weights, the embedding's apart."""
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(vocabulary, hidden)
        self.recurrent = nn.LSTM(hidden, hidden, layers, dropout=dropout)
        self.decoder = nn.Linear(hidden, vocabulary)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)

    def forward(
        self, ids: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the logarithm of each token's probability, (time * batch, vocabulary), and the state."""
        x, new_state = self.recurrent(self.drop(self.encoder(ids)), state)
        return functional.log_softmax(self.decoder(self.drop(x)).flatten(0, 1), dim=1), new_state


def plain(model: PlainModel, streams: TokenStreams, device: torch.device) -> Callable[[], float]:
    """Return what makes one update by the plain loop and returns its loss."""
    model.to(device).train()
    state: tuple[Tensor, Tensor] | None = None
    index = 0

    def update() -> float:
        nonlocal state, index
        ids, targets = (part.to(device) for part in streams.window(index))
        index += 1
        if state is not None:
            state = cast("tuple[Tensor, Tensor]", tuple(part.detach() for part in state))
        model.zero_grad()
        logs, state = model(ids, state)
        loss = functional.nll_loss(logs, targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        with torch.no_grad():
            for weights in model.parameters():
                if weights.grad is not None:
                    weights.add_(weights.grad, alpha=-RATE)
        return loss.item()

    return update


def tables(config: ModelConfig, streams: int, window: int, times: int, threads: int) -> list[Table]:
    """Time updates in turns."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    device = choose_device()
    precision = choose_precision(device, config.hidden)
    # Words are as frequent as Zipf has it; what they say does not matter to the time.
    drawn = np.random.default_rng(0).zipf(1.2, 40 * streams * window) % (config.vocabulary - 1) + 1
    tokens = drawn.astype(np.uint16)
    run = TrainingRun(
        RecurrentLanguageModel(config).to(device),
        tokens,
        Hyperparameters(2e-3, streams, window, 0, precision=precision),
    )
    reference = PlainModel(config.vocabulary, config.hidden, config.layers, config.dropout)
    works: dict[str, Callable[[], object]] = {
        f"ours ({precision}, AdamW)": lambda: run.step(0.5),
        "word_language_model's loop (float32, SGD)": plain(
            reference, TokenStreams(tokens, streams, window, 0), device
        ),
    }
    timed = side_by_side(works, times=times, warm_up=3)
    ours, theirs = timed.values()
    ratios = sorted(theirs.percentile(100 - share) / ours.percentile(share) for share in (25, 75))
    rows = [
        [name, *took.cells(), f"{1000 * streams * window / took.median:,.0f}"] for name, took in timed.items()
    ]
    ratio = theirs.median / ours.median
    notes = [
        f"Ours is {ratio:.2f} times as fast (quartiles {ratios[0]:.2f} to {ratios[1]:.2f}; bar: {BAR}).",
        f"{streams} streams, windows of {window}, on {describe_hardware(device)}.",
    ]
    size = f"{config.layers} x {config.hidden} {config.cell}, {config.vocabulary:,} tokens"
    return [Table(f"An update of {size}", ("loop", *TIME_HEADERS, "tokens/s"), rows, notes)]


def main() -> int:
    """Run the benchmark as a program."""
    parser = argparse.ArgumentParser(prog="python -P -m benchmarks.training", description=__doc__)
    parser.add_argument("--vocabulary", type=int, default=8192)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--streams", type=int, default=32)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--threads", type=int, default=threads_for_training())
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    config = ModelConfig(options.vocabulary, "lstm", 2, options.hidden, dropout=0.1)
    return show(lambda: tables(config, options.streams, options.window, options.times, options.threads))


if __name__ == "__main__":
    sys.exit(main())
