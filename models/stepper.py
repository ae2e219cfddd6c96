"""A trained network in the form made for steps: one token at a time, many branches at once.

`torch.nn.LSTM` repacks its weights at every call, so it is right for training and wrong for one step at a
time. Here the weights are laid out once. Two forms stand behind one interface: float32, exact; and int8,
whose weights are packed once for the processor's integer instructions. Only this module knows the packed
operators.

Activations of an int8 step are quantized over the fixed range -1..1 that every cell's output keeps to, never
over the range that a batch happens to have. So a branch gets the same numbers, bit for bit, alone and beside
others.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.config import Cell, ModelConfig
from models.errors import ModelError
from models.recurrent import RecurrentLanguageModel

Form = Literal["float32", "int8"]
Affine = Callable[[Tensor], Tensor]
"""A layer's weights and bias applied to (batch, inputs): (batch, outputs)."""

TABLE_BYTES = 64 * 2**20
"""Most memory that the first layer's share of every token, computed in advance, may take."""
SMALL = 200_000
"""Weights below which packing brings nothing."""


class Stepper(Protocol):
    """What can follow a text token by token, several branches at once."""

    form: Form
    vocabulary: int

    def initial(self, batch: int = 1) -> Tensor:
        """Return the state before any token: zeros, (batch, parts * layers, hidden)."""
        ...

    def step(self, ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Read one token a branch.

        Args:
            ids: (batch,), int64.
            state: (batch, parts * layers, hidden), float32; not changed.

        Returns:
            Logits of the token after it, (batch, vocabulary), float32, and the new state.
        """
        ...

    def run(self, ids: Sequence[int], state: Tensor) -> Tensor:
        """Read a text without predicting.

        Args:
            ids: the tokens.
            state: the state before them, (1, parts * layers, hidden).

        Returns:
            The state after each token, (len(ids), parts * layers, hidden).
        """
        ...

    def logits(self, state: Tensor) -> Tensor:
        """Predict from states: the output layer alone, (batch, vocabulary)."""
        ...


def make_stepper(model: RecurrentLanguageModel, form: Literal["auto", "float32", "int8"] = "auto") -> Stepper:
    """Lay out a network's weights for steps.

    Args:
        model: the trained network; it is not changed, and not needed afterwards.
        form: "auto" takes int8 where the processor and the size of the network make it worth while.

    Raises:
        ModelError: when int8 is asked for and this machine has no kernels for it.
    """
    if form == "auto":
        large = sum(weight.numel() for weight in model.parameters()) >= SMALL
        form = "int8" if large and int8_available() else "float32"
    if form == "int8" and not int8_available():
        raise ModelError("this processor has no int8 kernels in torch: use the form float32")
    return _Stepper(model, form)


@dataclass(frozen=True)
class _Packing:
    """How the packed operators of this machine are used."""

    engine: str
    static: bool
    """Whether the operator that takes a fixed input range is there; else two sentinel inputs fix it."""
    levels: int
    """Quantized levels on each side of zero."""


@cache
def _packing() -> _Packing | None:
    """Find the packed operators that work here, the fastest first; None where there are none."""
    supported = torch.backends.quantized.supported_engines
    for engine in ("x86", "fbgemm", "onednn", "qnnpack"):
        if engine not in supported:
            continue
        # Without VNNI, pairs of 8-bit products are summed in 16 bits: full-range inputs would overflow.
        narrow = engine in ("x86", "fbgemm") and not _has_vnni()
        for static in (True, False):
            packing = _Packing(engine, static, 63 if narrow else 127)
            try:
                weight = torch.eye(16)
                result = _Packed(weight, torch.zeros(16), packing)(torch.full((2, 16), 0.5))
            except (RuntimeError, AttributeError):
                continue
            if torch.allclose(result, torch.full((2, 16), 0.5), atol=0.02):
                return packing
    return None


def _has_vnni() -> bool:
    probe = getattr(torch.cpu, "_is_vnni_supported", None)
    return bool(probe()) if probe is not None else False


def int8_available() -> bool:
    """Whether this machine can step in int8."""
    return _packing() is not None


def _bare(overload: Any) -> Callable[..., Tensor]:
    """Return an operator without torch's checks for traced arguments, which take as long as a small layer."""
    return getattr(overload, "_op", overload)


class _Packed:
    """An affine map in int8 over inputs within -1..1, one scale an output channel."""

    def __init__(self, weight: Tensor, bias: Tensor, packing: _Packing) -> None:
        self._levels = packing.levels
        self._static = packing.static
        if not packing.static:
            weight = functional.pad(weight, (0, 2))
        before = torch.backends.quantized.engine
        torch.backends.quantized.engine = packing.engine
        operators = cast("Any", torch.ops.quantized)  # operators are looked up by name at run time
        try:
            with warnings.catch_warnings():
                # The tensor types are marked deprecated; the packed operators that need them are not.
                warnings.simplefilter("ignore")
                scales = weight.abs().amax(1).clamp_min(1e-8).double() / 127
                zeros = torch.zeros(len(weight), dtype=torch.int64)
                quantized = torch.quantize_per_channel(weight.float(), scales, zeros, 0, torch.qint8)
                self._weight = operators.linear_prepack(quantized, bias.float())
        finally:
            torch.backends.quantized.engine = before
        static = operators.linear_with_input_q_dq_qweight_dq_output_fp32 if packing.static else None
        self._linear = None if static is None else _bare(static.default)
        self._dynamic = _bare(operators.linear_dynamic.default)
        self._sentinels = torch.tensor([[1.0, -1.0]])

    def __call__(self, x: Tensor) -> Tensor:
        if self._linear is not None:
            return self._linear(x, 1.0 / self._levels, self._levels, self._weight)
        sentinels = self._sentinels.expand(len(x), 2)
        return self._dynamic(torch.cat((x, sentinels), 1), self._weight, self._levels < 127)


class _Scaled:
    """A packed map over inputs of any range: each row is brought to -1..1 and its result back."""

    def __init__(self, weight: Tensor, bias: Tensor, packing: _Packing) -> None:
        self._bias = bias
        self._map = _Packed(weight, torch.zeros_like(bias), packing)

    def __call__(self, x: Tensor) -> Tensor:
        scale = x.abs().amax(1, keepdim=True).clamp_min(1e-12)
        return torch.addcmul(self._bias, self._map(x / scale), scale)


class _Dense:
    """An affine map in float32."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight, self._bias = weight.contiguous(), bias

    def __call__(self, x: Tensor) -> Tensor:
        return functional.linear(x, self._weight, self._bias)


class _Stepper:
    """Both forms: they differ in their affine maps, and in how the first layer's input is kept."""

    def __init__(self, model: RecurrentLanguageModel, form: Form) -> None:
        config = model.config
        self.form: Form = form
        self.vocabulary = config.vocabulary
        self._config = config
        self._packing = _packing() if form == "int8" else None
        self._shape = (config.parts * config.layers, config.hidden)
        weights = {name: tensor.detach().float() for name, tensor in model.state_dict().items()}
        with torch.inference_mode():
            self._table, self._lookup = self._first_input(config, weights)
            self._layers = [self._layer(config, weights, layer) for layer in range(config.layers)]
            self._projection = (
                self._affine(weights["projection.weight"], weights["projection.bias"])
                if config.projected
                else None
            )
            self._output = self._affine(
                weights["output.weight"], weights["output.bias"], bounded=not config.projected
            )

    def _affine(self, weight: Tensor, bias: Tensor, bounded: bool = True) -> Affine:
        if self._packing is None:
            return _Dense(weight, bias)
        return _Packed(weight, bias, self._packing) if bounded else _Scaled(weight, bias, self._packing)

    def _first_input(self, config: ModelConfig, weights: dict[str, Tensor]) -> tuple[Tensor, Affine | None]:
        """Return what is looked up for a token, and what is then done to it.

        The first layer's matrix times an embedding is the same whenever a token is read. In int8 it is
        computed in advance, as float16, where memory allows: a look-up instead of a matrix.
        """
        embedding = weights["embedding.weight"] * self._config.embedding**0.5
        gates = weights["recurrent.weight_ih_l0"]
        if self._packing is not None and 2 * config.vocabulary * len(gates) <= TABLE_BYTES:
            weight, bias = _arranged(config.cell, weights, 0, "ih")
            return functional.linear(embedding, weight, bias).half(), None
        weight, bias = _arranged(config.cell, weights, 0, "ih")
        return embedding.clone(), self._affine(weight, bias, bounded=False)

    def _layer(self, config: ModelConfig, weights: dict[str, Tensor], layer: int) -> "_Layer":
        recurrent, recurrent_bias = _arranged(config.cell, weights, layer, "hh")
        if layer == 0:
            return _Layer(config.cell, None, self._affine(recurrent, recurrent_bias), fused=False)
        inputs, input_bias = _arranged(config.cell, weights, layer, "ih")
        if config.cell == "gru":
            # The reset gate scales the recurrent part of the new value alone, so the parts stay apart.
            maps = self._affine(inputs, input_bias), self._affine(recurrent, recurrent_bias)
            return _Layer(config.cell, *maps, fused=False)
        both = torch.cat((inputs, recurrent), 1)
        return _Layer(config.cell, None, self._affine(both, input_bias + recurrent_bias), fused=True)

    def initial(self, batch: int = 1) -> Tensor:
        return torch.zeros((batch, *self._shape))

    @torch.inference_mode()
    def step(self, ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        new, top = self._advance(ids, state)
        return self._predict(top), new

    @torch.inference_mode()
    def run(self, ids: Sequence[int], state: Tensor) -> Tensor:
        states = torch.empty((len(ids), *self._shape))
        tokens = torch.tensor(ids, dtype=torch.int64)
        for index in range(len(ids)):
            state, _ = self._advance(tokens[index : index + 1], state)
            states[index] = state[0]
        return states

    @torch.inference_mode()
    def logits(self, state: Tensor) -> Tensor:
        return self._predict(state[:, self._config.layers - 1])

    def _advance(self, ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the state after one token a branch, and the top layer's output."""
        parts = state.unbind(1)
        layers = self._config.layers
        x = self._table.index_select(0, ids)
        gates: Tensor | None = x.float() if self._lookup is None else self._lookup(x)
        outputs: list[Tensor] = []
        cells: list[Tensor] = []
        for index, layer in enumerate(self._layers):
            cell = parts[layers + index] if len(parts) > layers else None
            x, cell = layer(x, gates, parts[index], cell)
            gates = None
            outputs.append(x)
            if cell is not None:
                cells.append(cell)
        return torch.stack(outputs + cells, 1), x

    def _predict(self, top: Tensor) -> Tensor:
        if self._projection is not None:
            top = self._projection(top)
        return self._output(top)


class _Layer:
    """One recurrent layer: reads (x, h, c) and returns the new (h, c), each (batch, hidden)."""

    def __init__(self, cell: Cell, inputs: Affine | None, recurrent: Affine, fused: bool) -> None:
        self._inputs, self._recurrent, self._fused = inputs, recurrent, fused
        self._rule = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}[cell]

    def __call__(
        self, x: Tensor, gates: Tensor | None, h: Tensor, c: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """Advance; `gates` is the input's share where it is known already."""
        if self._fused:
            return self._rule(self._recurrent(torch.cat((x, h), 1)), None, h, c)
        if gates is None:
            assert self._inputs is not None
            gates = self._inputs(x)
        return self._rule(gates, self._recurrent(h), h, c)


def _lstm(
    gates: Tensor, recurrent: Tensor | None, h: Tensor, c: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Hochreiter and Schmidhuber 1997, the forget gate of Gers et al. 2000; gates in the order i, f, o, g."""
    assert c is not None
    if recurrent is not None:
        gates = gates + recurrent
    width = h.shape[1]
    i, f, o = gates.narrow(1, 0, 3 * width).sigmoid().chunk(3, 1)
    c = torch.addcmul(f * c, i, _tanh(gates.narrow(1, 3 * width, width)))
    return o * _tanh(c), c


def _gru(
    gates: Tensor, recurrent: Tensor | None, h: Tensor, c: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Cho et al. 2014, in the form that `torch.nn.GRU` has; gates in the order r, z, n."""
    assert recurrent is not None
    width = h.shape[1]
    r, z = (gates.narrow(1, 0, 2 * width) + recurrent.narrow(1, 0, 2 * width)).sigmoid().chunk(2, 1)
    new = torch.addcmul(gates.narrow(1, 2 * width, width), r, recurrent.narrow(1, 2 * width, width))
    return torch.lerp(_tanh(new), h, z), None


def _rnn(
    gates: Tensor, recurrent: Tensor | None, h: Tensor, c: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Elman 1990, with tanh."""
    return _tanh(gates if recurrent is None else gates + recurrent), None


def _tanh(x: Tensor) -> Tensor:
    """Return tanh(x) by numpy, which takes a third of the time that torch does, the way there and back included."""
    return torch.from_numpy(np.tanh(x.numpy()))


def _arranged(cell: Cell, weights: dict[str, Tensor], layer: int, part: str) -> tuple[Tensor, Tensor]:
    """Return one part ("ih" or "hh") of a layer's weights and bias, gates in the order of the cell's rule."""
    weight = weights[f"recurrent.weight_{part}_l{layer}"]
    bias = weights[f"recurrent.bias_{part}_l{layer}"]
    if cell == "lstm":
        # torch keeps i, f, g, o; with the three sigmoids side by side one call serves them.
        order = (0, 1, 3, 2)
        weight = torch.cat([weight.chunk(4)[index] for index in order])
        bias = torch.cat([bias.chunk(4)[index] for index in order])
    return weight, bias
