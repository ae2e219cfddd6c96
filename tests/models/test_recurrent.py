"""The networks: a stepwise run equals the whole sequence, and torch.nn's cells and layers are what they compute."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from models.config import CELLS, Cell, ModelConfig
from models.recurrent import RecurrentLanguageModel, State

SHAPES: list[dict[str, Any]] = [
    {},
    {"embedding": 5},
    {"tied": False},
    {"embedding": 12, "tied": False, "layers": 3},
    {"layers": 3, "residual": 1},
    {"layers": 4, "residual": 3, "embedding": 5},
]


def network(cell: Cell = "lstm", **changes: Any) -> RecurrentLanguageModel:
    torch.manual_seed(3)
    values: dict[str, Any] = {"layers": 2, "hidden": 8, "dropout": 0.5, **changes}
    return trained(RecurrentLanguageModel(ModelConfig(20, cell, **values)).eval())


def trained(model: RecurrentLanguageModel) -> RecurrentLanguageModel:
    """Have residual layers add something: fresh ones do not."""
    for weight in model.residual.parameters():
        nn.init.normal_(weight, std=0.3)
    return model


def ids_of(time: int, batch: int, seed: int = 0) -> Tensor:
    return torch.randint(20, (time, batch), generator=torch.Generator().manual_seed(seed))


def close(ours: State, theirs: State) -> bool:
    return len(ours) == len(theirs) and all(
        torch.allclose(one, other, atol=1e-6) for one, other in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shapes(cell: Cell, shape: dict[str, Any]) -> None:
    model = network(cell, **shape)
    logits, state = model(ids_of(7, 3))
    assert logits.shape == (7, 3, 20)
    assert len(state) == model.config.parts == len(model.initial_state(3))
    for part, first in zip(state, model.initial_state(3), strict=True):
        assert part.shape == first.shape == (model.config.layers, 3, 8)
        assert not first.any()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_step_at_a_time_equals_the_whole_sequence(cell: Cell, shape: dict[str, Any]) -> None:
    model = network(cell, **shape)
    ids = ids_of(9, 2)
    with torch.no_grad():
        whole, last = model(ids)
        state: State | None = None
        for time in range(9):
            logits, state = model(ids[time : time + 1], state)
            assert torch.allclose(logits[0], whole[time], atol=1e-5)
    assert state is not None
    assert close(state, last)


@settings(max_examples=30, deadline=None)
@given(
    cell=st.sampled_from(CELLS),
    time=st.integers(2, 12),
    cut=st.integers(1, 11),
    batch=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_a_sequence_may_be_cut_anywhere(cell: Cell, time: int, cut: int, batch: int, seed: int) -> None:
    model, ids = network(cell), ids_of(time, batch, seed)
    cut = min(cut, time - 1)
    with torch.no_grad():
        whole, last = model(ids)
        first, state = model(ids[:cut])
        second, state = model(ids[cut:], state)
    assert torch.allclose(torch.cat([first, second]), whole, atol=1e-5)
    assert close(state, last)


@pytest.mark.parametrize("cell", CELLS)
def test_torchs_single_cells_agree(cell: Cell) -> None:
    """The layers by hand: torch.nn's cell of the same weights, one layer above the other, one step after the other."""
    model = network(cell, layers=2)
    kinds: dict[Cell, type[nn.LSTMCell | nn.GRUCell | nn.RNNCell]] = {
        "lstm": nn.LSTMCell,
        "gru": nn.GRUCell,
        "rnn": nn.RNNCell,
    }
    cells = [kinds[cell](8, 8) for _ in range(2)]
    for layer, single in enumerate(cells):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(single, name).data = getattr(model.recurrent, f"{name}_l{layer}").data
    ids = ids_of(6, 3)
    with torch.no_grad():
        states: list[Any] = [None, None]
        for time in range(6):
            x = model.embedding(ids[time]) * model.scale
            for layer, single in enumerate(cells):
                states[layer] = single(x, states[layer])
                x = states[layer][0] if cell == "lstm" else states[layer]
            logits = x @ model.output.weight.T + model.output.bias
            assert torch.allclose(logits, model(ids)[0][time], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_fresh_residual_layers_add_nothing_and_learn(cell: Cell) -> None:
    torch.manual_seed(3)
    grown = RecurrentLanguageModel(ModelConfig(20, cell, 4, 8, residual=2)).eval()
    plain = network(cell)
    plain.load_state_dict(grown.state_dict(), strict=False)
    ids = ids_of(7, 3)
    logits, _ = grown(ids)
    assert torch.equal(logits, plain(ids)[0])
    logits.square().mean().backward()
    written = [module.weight_ih_l0.grad.split(8)[0 if cell == "rnn" else 2] for module in grown.residual]
    assert all(gradient.any() for gradient in written)


@pytest.mark.parametrize("cell", CELLS)
def test_rows_of_a_batch_do_not_see_each_other(cell: Cell) -> None:
    model, ids = network(cell), ids_of(6, 4)
    with torch.no_grad():
        whole = model(ids)[0]
        for row in range(4):
            assert torch.allclose(model(ids[:, row : row + 1])[0][:, 0], whole[:, row], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_what_comes_later_does_not_change_what_was_predicted(cell: Cell) -> None:
    model, ids = network(cell), ids_of(8, 2)
    changed = ids.clone()
    changed[5:] = (changed[5:] + 1) % 20
    with torch.no_grad():
        assert torch.equal(model(ids)[0][:5], model(changed)[0][:5])


def test_tied_layers_share_their_weights() -> None:
    tied, untied = network(), network(tied=False)
    assert tied.output.weight is tied.embedding.weight
    assert untied.output.weight is not untied.embedding.weight
    count = sum(parameter.numel() for parameter in untied.parameters())
    assert count - sum(parameter.numel() for parameter in tied.parameters()) == 20 * 8


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_weight_learns(cell: Cell, shape: dict[str, Any]) -> None:
    model = network(cell, **shape).train()
    logits, _ = model(ids_of(5, 4))
    nn.functional.cross_entropy(logits.flatten(0, 1), ids_of(5, 4, 1).flatten()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_dropout_only_while_training() -> None:
    model, ids = network(), ids_of(6, 2)
    assert torch.equal(model(ids)[0], model(ids)[0])
    model.train()
    assert not torch.equal(model(ids)[0], model(ids)[0])


def test_the_seed_decides_the_weights() -> None:
    one, other = network(), network()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("cell", CELLS)
def test_a_fresh_network_is_nearly_sure_of_nothing(cell: Cell) -> None:
    """It begins near the uniform distribution: a start far from it would cost the first steps."""
    with torch.no_grad():
        logits, _ = network(cell, hidden=64)(ids_of(20, 4))
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), ids_of(20, 4, 1).flatten())
    assert abs(loss.item() - torch.log(torch.tensor(20.0)).item()) < 0.5
