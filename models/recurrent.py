"""Recurrent language models: simple RNN, GRU and LSTM behind one `forward(ids, state) -> (logits, state)`."""

from typing import cast

import torch
from torch import Tensor, nn

from models.config import Cell, ModelConfig

State = tuple[Tensor, ...]
"""(h,) or, for an LSTM, (h, c); each of shape (layers, batch, hidden)."""

INPUT_GAIN = 1.4
"""Factor on Glorot's scale of the weights that read a layer's input."""

_WRITTEN: dict[Cell, int] = {"lstm": 2, "gru": 2, "rnn": 0}
"""Which block of a layer's weights makes what the cell writes into its state; the others are gates."""

_LAYERS: dict[Cell, type[nn.LSTM | nn.GRU | nn.RNN]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class RecurrentLanguageModel(nn.Module):
    """Predicts each next token from all before it, which it remembers in a state of fixed size.

    Embedding, recurrent layers, of which the upper ones may be residual, an optional projection and an output layer
    that by default shares the embedding's weights (Press and Wolf 2017, "Using the Output Embedding to Improve
    Language Models").
    """

    def __init__(self, config: ModelConfig) -> None:
        """Make a network with freshly drawn weights."""
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        self.scale = config.embedding**0.5
        """Factor on embeddings on their way in: weights small enough for the output are too small for the input."""
        self.recurrent = _LAYERS[config.cell](
            config.embedding,
            config.hidden,
            config.plain,
            dropout=config.dropout if config.plain > 1 else 0.0,
        )
        self.residual = nn.ModuleList(
            _LAYERS[config.cell](config.hidden, config.hidden) for _ in range(config.residual)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(config.hidden, config.embedding) if config.projected else None
        self.output = nn.Linear(config.embedding, config.vocabulary)
        if config.tied:
            self.output.weight = self.embedding.weight
        self._draw_weights()

    def _draw_weights(self) -> None:
        nn.init.normal_(self.embedding.weight, std=self.config.embedding**-0.5)
        nn.init.zeros_(self.output.bias)
        if not self.config.tied:
            nn.init.normal_(self.output.weight, std=self.config.embedding**-0.5)
        for module in (self.recurrent, *self.residual):
            for name, weight in module.named_parameters():
                blocks = cast("tuple[Tensor, ...]", weight.detach().split(self.config.hidden))
                self._draw(name, blocks)
                if module is not self.recurrent:
                    # It writes nothing until it has learnt to: a network that grows by such layers predicts what
                    # it did before (as in Chen et al. 2016, "Net2Net: Accelerating Learning", section 2.3).
                    nn.init.zeros_(blocks[_WRITTEN[self.config.cell]])

    def _draw(self, name: str, blocks: tuple[Tensor, ...]) -> None:
        """Draw a recurrent layer's weights of one name, gate by gate.

        For all gates as one matrix, the scale of its height would leave each too weak.
        """
        for block in blocks:
            if name.startswith("bias"):
                nn.init.zeros_(block)
            elif name.startswith("weight_hh"):
                # Neither swells nor shrinks a state that is carried on (Saxe et al. 2014).
                nn.init.orthogonal_(block)
            else:
                nn.init.xavier_uniform_(block, INPUT_GAIN)
        if self.config.cell == "lstm" and name.startswith("bias_ih"):
            # An open forget gate lets gradients through from the first step (Jozefowicz et al. 2015, section 2.2).
            blocks[1].fill_(1.0)

    def initial_state(self, batch: int) -> State:
        """Return the state before any token, zeros, for `batch` texts."""
        shape = (self.config.layers, batch, self.config.hidden)
        device = self.embedding.weight.device
        return tuple(torch.zeros(shape, device=device) for _ in range(self.config.parts))

    def features(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Run all but the output layer.

        Args:
            ids: token ids, (time, batch), int64.
            state: state before the first of them; None for the initial state.

        Returns:
            What the output layer reads, (time, batch, embedding), and the state after the last token.
        """
        if state is None:
            state = self.initial_state(ids.shape[1])
        x = self.dropout(self.embedding(ids) * self.scale)  # (time, batch, embedding)
        plain = self.config.plain
        x, new = self._read(self.recurrent, x, tuple(part[:plain] for part in state))  # (time, batch, hidden)
        states = [new]
        for layer, module in enumerate(self.residual, plain):
            added, new = self._read(module, self.dropout(x), tuple(part[layer : layer + 1] for part in state))
            x = x + added
            states.append(new)
        new_state = tuple(torch.cat(parts) for parts in zip(*states, strict=True))
        if self.projection is not None:
            x = self.projection(x)
        return self.dropout(x), new_state

    def _read(self, module: nn.Module, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Run recurrent layers: torch takes and gives a bare tensor where a state has one part."""
        if self.config.cell == "lstm":
            return cast("tuple[Tensor, State]", module(x, state))
        x, hidden = cast("tuple[Tensor, Tensor]", module(x, state[0]))
        return x, (hidden,)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Predict the token after each of `ids`.

        Args:
            ids: token ids, (time, batch), int64.
            state: state before the first of them; None for the initial state.

        Returns:
            Logits, (time, batch, vocabulary), and the state after the last token.
        """
        x, new_state = self.features(ids, state)
        return self.output(x), new_state
