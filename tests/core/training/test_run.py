"""One run's steps, measures and saves: a resumed run is the same run."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.errors import UserError
from core.training.run import FLOOR, LATER_PEAK, WARM_UP, Hyperparameters, TrainingRun, learning_rate
from models.config import CELLS, Cell, ModelConfig
from models.recurrent import RecurrentLanguageModel, State
from models.tokenizers import BOUNDARY


def make_run(cell: Cell = "lstm", dropout: float = 0.2) -> TrainingRun:
    torch.manual_seed(5)
    model = RecurrentLanguageModel(ModelConfig(300, cell, layers=2, hidden=12, dropout=dropout))
    tokens = np.tile(np.arange(3, 23, dtype=np.uint16), 40)
    return TrainingRun(model, tokens, Hyperparameters(0.01, streams=4, window=8, seed=1))


def test_learning_rate_rises_then_falls() -> None:
    assert learning_rate(0, 1.0) == pytest.approx(FLOOR)
    assert learning_rate(WARM_UP, 1.0) == pytest.approx(1.0)
    assert learning_rate((1 + WARM_UP) / 2, 1.0) == pytest.approx((1 + FLOOR) / 2)
    assert learning_rate(1, 1.0) == pytest.approx(FLOOR)


def test_learning_rate_rises_again_in_each_cycle_to_a_lower_peak() -> None:
    peaks = [learning_rate((cycle + WARM_UP) / 3, 1.0, 3) for cycle in range(3)]
    assert peaks == pytest.approx([1.0, LATER_PEAK, LATER_PEAK**2])
    assert learning_rate(1 / 3 - 1e-9, 1.0, 3) == pytest.approx(FLOOR, abs=1e-6)
    assert learning_rate(1 / 3, 1.0, 3) == pytest.approx(LATER_PEAK * FLOOR)
    assert learning_rate(1, 1.0, 3) == pytest.approx(LATER_PEAK**2 * FLOOR)


@pytest.mark.parametrize("cell", CELLS)
def test_learns_a_cycle(cell: Cell) -> None:
    run = make_run(cell, dropout=0.0)
    cycle = np.tile(np.arange(3, 23, dtype=np.uint16), 20)
    before = run.measure(cycle)
    for step in range(150):
        run.step(step / 150)
    assert run.measure(cycle) < before / 2


@pytest.mark.parametrize("cell", CELLS)
def test_resumed_run_gives_the_same_losses(tmp_path: Path, cell: Cell) -> None:
    whole = make_run(cell)
    expected = [whole.step(step / 40) for step in range(40)]

    first = make_run(cell)
    losses = [first.step(step / 40) for step in range(23)]
    assert first.note_measure(1.0, 2.0)
    first.save(tmp_path / "state.safetensors")
    torch.manual_seed(99)
    second = make_run(cell)
    second.load(tmp_path / "state.safetensors")
    assert second.progress == first.progress
    losses += [second.step(step / 40) for step in range(23, 40)]

    assert losses == expected
    assert list(tmp_path.iterdir()) == [tmp_path / "state.safetensors"]


def test_a_run_that_was_saved_before_there_were_cycles_is_resumed(tmp_path: Path) -> None:
    run, path = make_run(), tmp_path / "state.safetensors"
    run.step(0.0)
    run.save(path)
    with safe_open(path, framework="pt") as file:
        metadata, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    chosen = json.loads(metadata["chosen"])
    del chosen["cycles"]
    save_file(tensors, path, {**metadata, "chosen": json.dumps(chosen)})
    again = make_run()
    again.load(path)
    assert again.progress == run.progress


def test_a_run_with_other_settings_is_not_resumed(tmp_path: Path) -> None:
    run = make_run()
    run.step(0.0)
    run.save(tmp_path / "state.safetensors")
    other = TrainingRun(run.model, np.arange(50, dtype=np.uint16), Hyperparameters(0.02, 4, 8, 1))
    with pytest.raises(UserError, match=r"other settings .* train anew$"):
        other.load(tmp_path / "state.safetensors")


def test_best_weights_are_those_of_the_best_measure() -> None:
    run = make_run()
    assert run.note_measure(2.0, 2.0)
    best = {name: weight.clone() for name, weight in run.best.items()}
    run.step(0.5)
    assert not run.note_measure(3.0, 3.0)
    assert run.progress.measures_since_best == 1
    assert all(torch.equal(run.best[name], best[name]) for name in best)


def test_bfloat16_learns_as_float32_does() -> None:
    run = make_run(dropout=0.0)
    low = make_run(dropout=0.0)
    low.chosen = Hyperparameters(0.01, 4, 8, 1, precision="bfloat16")
    for step in range(60):
        exact, rounded = run.step(step / 60), low.step(step / 60)
    assert rounded == pytest.approx(exact, rel=0.1, abs=0.05)


def test_streams_begin_anew_with_a_boundary_and_the_initial_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.run.RESET", 0.3)
    run = make_run()
    begun: list[bool] = []
    features = run.model.features

    def watch(ids: Tensor, state: State) -> tuple[Tensor, State]:
        initial = (torch.stack(state).abs().sum((0, 1, 3)) == 0).tolist()
        assert (ids[0] == BOUNDARY).tolist() == initial
        assert (ids[1:] != BOUNDARY).all()
        begun.extend(initial)
        return features(ids, state)

    monkeypatch.setattr(run.model, "features", watch)
    for step in range(run.streams.windows + 1):
        run.step(step / 100)
    streams = run.streams.streams
    assert all(begun[:streams])
    assert all(begun[-streams:])  # a new epoch
    assert 0 < sum(begun[streams:-streams]) < len(begun[streams:-streams])
