"""A trained network in the form made for steps: one token at a time, many branches at once.

`torch.nn.LSTM` repacks its weights at every call, so it is right for training and wrong for one step at a
time. Here the weights are laid out once. Two forms stand behind one interface: float32, exact; and int8,
whose weights are packed once for the processor's integer instructions. Only this module knows the packed
operators.

All but the affine maps is done in numpy's arrays: a step is some twenty small operations, of which each takes torch
twice as long to begin, more where other work has taken its code out of the cache.

Activations of an int8 step are quantized over the fixed range -1..1 that every cell's output keeps to, never over
the range that a batch happens to have. So a branch gets the same numbers, bit for bit, alone and beside others.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from models.config import Cell, ModelConfig
from models.errors import ModelError
from models.recurrent import RecurrentLanguageModel

Form = Literal["float32", "int8"]
Floats = npt.NDArray[np.float32]
Affine = Callable[[Floats], Floats]
"""A layer's weights and bias applied to (batch, inputs): (batch, outputs)."""

TABLE_BYTES = 64 * 2**20
"""Most memory that the first layer's share of every token, computed in advance, may take."""
SMALL = 200_000
"""Weights below which packing brings nothing."""


class Stepper(Protocol):
    """What can follow a text token by token, several branches at once."""

    form: Form
    vocabulary: int

    def initial(self, batch: int = 1) -> Floats:
        """Return the state before any token: zeros, (batch, parts * layers, hidden)."""
        ...

    def step(self, ids: Sequence[int], state: Floats) -> tuple[Floats, Floats]:
        """Read one token a branch.

        Args:
            ids: one of each branch.
            state: (batch, parts * layers, hidden); not changed.

        Returns:
            Logits of the token after it, (batch, vocabulary), and the new state.
        """
        ...

    def run(self, ids: Sequence[int], state: Floats) -> Floats:
        """Read a text without predicting.

        Args:
            ids: the tokens.
            state: the state before them, (1, parts * layers, hidden).

        Returns:
            The state after each token, (len(ids), parts * layers, hidden).
        """
        ...

    def logits(self, state: Floats) -> Floats:
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
                half = np.full((2, 16), 0.5, np.float32)
                result = _Packed(torch.eye(16), torch.zeros(16), packing)(half)
            except (RuntimeError, AttributeError):
                continue
            if np.allclose(result, half, atol=0.02):
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

    def __call__(self, x: Floats) -> Floats:
        rows = torch.from_numpy(x)
        if self._linear is not None:
            return self._linear(rows, 1.0 / self._levels, self._levels, self._weight).numpy()
        sentinels = self._sentinels.expand(len(x), 2)
        return self._dynamic(torch.cat((rows, sentinels), 1), self._weight, self._levels < 127).numpy()


class _Scaled:
    """A packed map over inputs of any range: each row is brought to -1..1 and its result back."""

    def __init__(self, weight: Tensor, bias: Tensor, packing: _Packing) -> None:
        self._bias = bias.numpy()
        self._map = _Packed(weight, torch.zeros_like(bias), packing)

    def __call__(self, x: Floats) -> Floats:
        scale = np.maximum(np.abs(x).max(1, keepdims=True), np.float32(1e-12))
        return self._map(x / scale) * scale + self._bias


class _Dense:
    """An affine map in float32."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._weight, self._bias = weight.contiguous(), bias

    def __call__(self, x: Floats) -> Floats:
        return functional.linear(torch.from_numpy(x), self._weight, self._bias).numpy()


class _Stepper:
    """Both forms: they differ in their affine maps, and in how the first layer's input is kept."""

    def __init__(self, model: RecurrentLanguageModel, form: Form) -> None:
        config = model.config
        self.form: Form = form
        self.vocabulary = config.vocabulary
        self._config = config
        self._packing = _packing() if form == "int8" else None
        self._shape = (config.parts * config.layers, config.hidden)
        weights = _numbered(model)
        with torch.inference_mode():
            self._table, self._lookup = self._first_input(config, weights)
            self._layers = [self._layer(config, weights, layer) for layer in range(config.layers)]
            top, first = self._shared(config.layers), "projection" if config.projected else "output"
            self._top = self._affine(weights[f"{first}.weight"] * top, weights[f"{first}.bias"])
            self._output = (
                self._affine(weights["output.weight"], weights["output.bias"], bounded=False)
                if config.projected
                else None
            )

    def _affine(self, weight: Tensor, bias: Tensor, bounded: bool = True) -> Affine:
        if self._packing is None:
            return _Dense(weight, bias)
        return _Packed(weight, bias, self._packing) if bounded else _Scaled(weight, bias, self._packing)

    def _first_input(
        self, config: ModelConfig, weights: dict[str, Tensor]
    ) -> tuple[npt.NDArray[np.floating[Any]], Affine | None]:
        """Return what is looked up for a token, and what is then done to it.

        The first layer's matrix times an embedding is the same whenever a token is read. In int8 it is
        computed in advance, as float16, where memory allows: a look-up instead of a matrix.
        """
        embedding = weights["embedding.weight"] * self._config.embedding**0.5
        weight, bias = _arranged(config.cell, weights, 0, "ih")
        if self._packing is not None and 2 * config.vocabulary * len(weight) <= TABLE_BYTES:
            return functional.linear(embedding, weight, bias).half().numpy(), None
        return embedding.numpy(), self._affine(weight, bias, bounded=False)

    def _layer(self, config: ModelConfig, weights: dict[str, Tensor], layer: int) -> "_Layer":
        recurrent, recurrent_bias = _arranged(config.cell, weights, layer, "hh")
        if layer == 0:
            return _Layer(config.cell, None, self._affine(recurrent, recurrent_bias))
        inputs, input_bias = _arranged(config.cell, weights, layer, "ih")
        inputs = inputs * self._shared(layer)
        if config.cell == "gru":
            # The reset gate scales the recurrent part of the new value alone, so the parts stay apart.
            maps = self._affine(inputs, input_bias), self._affine(recurrent, recurrent_bias)
            return _Layer(config.cell, *maps)
        both = torch.cat((inputs, recurrent), 1)
        return _Layer(config.cell, None, self._affine(both, input_bias + recurrent_bias))

    def initial(self, batch: int = 1) -> Floats:
        return np.zeros((batch, *self._shape), np.float32)

    @torch.inference_mode()
    def step(self, ids: Sequence[int], state: Floats) -> tuple[Floats, Floats]:
        new = self._advance(ids, state)
        return self._predict(new), new

    @torch.inference_mode()
    def run(self, ids: Sequence[int], state: Floats) -> Floats:
        states = np.empty((len(ids), *self._shape), np.float32)
        for index, token in enumerate(ids):
            state = self._advance((token,), state)
            states[index] = state[0]
        return states

    @torch.inference_mode()
    def logits(self, state: Floats) -> Floats:
        return self._predict(state)

    def _advance(self, ids: Sequence[int], state: Floats) -> Floats:
        """Return the state after one token a branch."""
        new = np.empty_like(state)
        step = len(self._layers)
        self._layers[0].advance(self._read(ids), state[:, ::step], new[:, ::step])
        for index, layer in enumerate(self._layers[1:], 1):
            layer.read(self._below(new, index), state[:, index::step], new[:, index::step])
        return new

    def _read(self, ids: Sequence[int]) -> Floats:
        """Return what the first layer's gates make of some tokens."""
        x = self._table.take(ids, 0)
        if self._lookup is not None:
            return self._lookup(x)
        return torch.from_numpy(x).float().numpy()  # numpy takes five times as long to widen them

    def _predict(self, state: Floats) -> Floats:
        top = self._top(self._below(state, self._config.layers))
        return top if self._output is None else self._output(top)

    def _below(self, state: Floats, layer: int) -> Floats:
        """Return what a layer reads, or what is read above the last one: the mean of the outputs that are added.

        A mean keeps to -1..1, as an int8 map asks; the map's weights make up for their number.
        """
        if layer <= self._config.plain:
            return state[:, layer - 1]
        return state[:, self._config.plain - 1 : layer].sum(1) * np.float32(1 / self._shared(layer))

    def _shared(self, layer: int) -> int:
        """Return how many outputs are added up for what a layer reads."""
        return max(1, layer - self._config.plain + 1)


class _Layer:
    """One recurrent layer, which advances its parts of the state, (batch, parts, hidden): the output, then the cell."""

    def __init__(self, cell: Cell, inputs: Affine | None, recurrent: Affine) -> None:
        """Take the maps of what comes in and of the last output; without `inputs` one map takes both side by side."""
        self._inputs, self._recurrent = inputs, recurrent
        self._rule = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}[cell]

    def read(self, x: Floats, old: Floats, new: Floats) -> None:
        """Advance by an input."""
        if self._inputs is not None:
            self.advance(self._inputs(x), old, new)
        else:
            self._rule(self._recurrent(np.concatenate((x, old[:, 0]), 1)), None, old, new)

    def advance(self, gates: Floats, old: Floats, new: Floats) -> None:
        """Advance by what the gates make of an input, which is written to."""
        self._rule(gates, self._recurrent(old[:, 0]), old, new)


# Of each rule's gates, those of the sigmoids come first and halved: sigmoid(x) is (1 + tanh(x / 2)) / 2, so that one
# call of tanh serves them all.


def _lstm(gates: Floats, recurrent: Floats | None, old: Floats, new: Floats) -> None:
    """Hochreiter and Schmidhuber 1997, the forget gate of Gers et al. 2000; gates in the order i, f, o, g."""
    if recurrent is not None:
        gates += recurrent
    width = old.shape[2]
    np.tanh(gates, out=gates)
    sigmoids = gates[:, : 3 * width]
    sigmoids *= 0.5
    sigmoids += 0.5
    h, c = new[:, 0], new[:, 1]
    np.multiply(sigmoids[:, width : 2 * width], old[:, 1], out=c)
    added = sigmoids[:, :width]
    added *= gates[:, 3 * width :]
    c += added
    np.tanh(c, out=h)
    h *= sigmoids[:, 2 * width :]


def _gru(gates: Floats, recurrent: Floats | None, old: Floats, new: Floats) -> None:
    """Cho et al. 2014, in the form that `torch.nn.GRU` has; gates in the order r, z, n."""
    assert recurrent is not None
    width = old.shape[2]
    both = gates[:, : 2 * width]
    both += recurrent[:, : 2 * width]
    np.tanh(both, out=both)
    both *= 0.5
    both += 0.5
    r, z, fresh = both[:, :width], both[:, width:], gates[:, 2 * width :]
    fresh += r * recurrent[:, 2 * width :]
    np.tanh(fresh, out=fresh)
    np.subtract(old[:, 0], fresh, out=new[:, 0])
    new[:, 0] *= z
    new[:, 0] += fresh


def _rnn(gates: Floats, recurrent: Floats | None, old: Floats, new: Floats) -> None:
    """Elman 1990, with tanh."""
    if recurrent is not None:
        gates += recurrent
    np.tanh(gates, out=new[:, 0])


def _numbered(model: RecurrentLanguageModel) -> dict[str, Tensor]:
    """Return a network's weights by name, those of residual layers numbered on from the plain ones."""
    weights = {name: tensor.detach().float() for name, tensor in model.state_dict().items()}
    for index, module in enumerate(model.residual):
        for name, weight in module.named_parameters():
            layer = model.config.plain + index
            weights[f"recurrent.{name.removesuffix('0')}{layer}"] = weight.detach().float()
    return weights


def _arranged(cell: Cell, weights: dict[str, Tensor], layer: int, part: str) -> tuple[Tensor, Tensor]:
    """Return one part ("ih" or "hh") of a layer's weights and bias as the cell's rule wants its gates."""
    weight = weights[f"recurrent.weight_{part}_l{layer}"]
    bias = weights[f"recurrent.bias_{part}_l{layer}"]
    if cell == "lstm":  # torch keeps i, f, g, o
        order = (0, 1, 3, 2)
        weight = torch.cat([weight.chunk(4)[index] for index in order])
        bias = torch.cat([bias.chunk(4)[index] for index in order])
    halved = torch.ones(len(weight))
    halved[: _SIGMOIDS[cell] * len(weight) // _GATES[cell]] = 0.5
    return weight * halved[:, None], bias * halved


_GATES: Final[dict[Cell, int]] = {"lstm": 4, "gru": 3, "rnn": 1}
_SIGMOIDS: Final[dict[Cell, int]] = {"lstm": 3, "gru": 2, "rnn": 0}
