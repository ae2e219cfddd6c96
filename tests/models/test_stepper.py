"""Stepwise runs equal torch.nn over whole sequences; int8 is close and the same alone and in a batch."""

from typing import get_args

import numpy as np
import pytest
import torch

from models.config import Cell, ModelConfig
from models.errors import ModelError
from models.recurrent import RecurrentLanguageModel
from models.stepper import Stepper, int8_available, make_stepper

CELLS = get_args(Cell)
needs_int8 = pytest.mark.skipif(not int8_available(), reason="this processor has no int8 kernels in torch")


def network(
    cell: Cell, embedding: int = 0, tied: bool = True, layers: int = 2, residual: int = 0
) -> RecurrentLanguageModel:
    torch.manual_seed(3)
    config = ModelConfig(60, cell, layers, hidden=32, embedding=embedding, tied=tied, residual=residual)
    model = RecurrentLanguageModel(config).eval()
    for weight in model.residual.parameters():  # as after training: fresh ones would add nothing
        torch.nn.init.normal_(weight, std=0.2)
    return model


def stepwise(stepper: Stepper, ids: torch.Tensor) -> torch.Tensor:
    state = stepper.initial(ids.shape[1])
    rows: list[torch.Tensor] = []
    for tokens in ids:
        logits, state = stepper.step(tokens.tolist(), state)
        rows.append(torch.from_numpy(logits))
    return torch.stack(rows)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("embedding", "tied", "layers", "residual"),
    [(0, True, 2, 0), (24, True, 1, 0), (48, False, 3, 0), (0, True, 3, 1), (24, True, 4, 3)],
)
def test_float32_steps_equal_the_whole_sequence(
    cell: Cell, embedding: int, tied: bool, layers: int, residual: int
) -> None:
    model = network(cell, embedding, tied, layers, residual)
    ids = torch.randint(60, (25, 4))
    with torch.no_grad():
        expected, _ = model(ids)
    torch.testing.assert_close(stepwise(make_stepper(model, "float32"), ids), expected, atol=1e-5, rtol=1e-5)


@needs_int8
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("embedding", "layers", "residual"), [(0, 2, 0), (24, 2, 0), (0, 4, 2), (24, 3, 2)])
@pytest.mark.parametrize("table", [True, False])
def test_int8_steps_are_close(
    cell: Cell, embedding: int, layers: int, residual: int, table: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not table:
        monkeypatch.setattr("models.stepper.TABLE_BYTES", 0)
    model = network(cell, embedding, layers=layers, residual=residual)
    ids = torch.randint(60, (25, 4))
    with torch.no_grad():
        expected, _ = model(ids)
    actual = stepwise(make_stepper(model, "int8"), ids)
    error = (actual - expected).pow(2).mean().sqrt() / expected.std()
    assert error < 0.05


@needs_int8
@pytest.mark.parametrize("cell", CELLS)
def test_an_int8_branch_is_the_same_alone_and_beside_others(cell: Cell) -> None:
    stepper = make_stepper(network(cell, 24), "int8")
    ids = torch.randint(60, (10, 7))
    together = stepwise(stepper, ids)
    alone = torch.cat([stepwise(stepper, ids[:, column : column + 1]) for column in range(7)], 1)
    assert torch.equal(together, alone)


@pytest.mark.parametrize("form", ["float32", pytest.param("int8", marks=needs_int8)])
@pytest.mark.parametrize("cell", CELLS)
def test_a_run_ends_where_steps_end(cell: Cell, form: str) -> None:
    stepper = make_stepper(network(cell), "int8" if form == "int8" else "float32")
    ids = [5, 9, 9, 0, 41]
    states = stepper.run(ids, stepper.initial())
    state = stepper.initial()
    for index, token in enumerate(ids):
        logits, state = stepper.step([token], state)
        np.testing.assert_allclose(states[index : index + 1], state, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(stepper.logits(state), logits, rtol=1e-6, atol=1e-6)
    assert stepper.run([], stepper.initial()).shape == (0, *state.shape[1:])


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_leaves_its_state_and_those_before_alone(cell: Cell) -> None:
    stepper = make_stepper(network(cell))
    _, first = stepper.step([1, 2], stepper.initial(2))
    kept = first.copy()
    _, second = stepper.step([3, 4], first)
    again = second.copy()
    stepper.step([5, 6], second)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(second, again)


def test_small_networks_stay_exact() -> None:
    assert make_stepper(network("lstm")).form == "float32"


@needs_int8
def test_sentinels_fix_the_range_where_an_engine_lacks_the_static_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from models import stepper

    packing = stepper._packing()
    assert packing is not None
    plain = make_stepper(network("lstm"), "int8")
    dynamic = stepper._Packing(packing.engine, False, packing.levels)
    monkeypatch.setattr(stepper, "_packing", lambda: dynamic)
    other = make_stepper(network("lstm"), "int8")
    ids = torch.randint(60, (10, 3))
    torch.testing.assert_close(stepwise(other, ids), stepwise(plain, ids), atol=0.05, rtol=0.05)
    alone = torch.cat([stepwise(other, ids[:, column : column + 1]) for column in range(3)], 1)
    assert torch.equal(stepwise(other, ids), alone)


def test_int8_without_kernels_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.stepper._packing", lambda: None)
    assert make_stepper(network("rnn")).form == "float32"
    with pytest.raises(ModelError, match="no int8 kernels"):
        make_stepper(network("rnn"), "int8")
