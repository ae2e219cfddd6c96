"""The memory a training takes: counted as torch counts it, and refused before it is taken."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.events import TrainingEvent
from core.jobs import TrainingJob
from core.training.footprint import available_memory, bytes_needed, check_fits, count_weights
from core.training.pipeline import train
from models.config import CELLS, Cell, ModelConfig
from models.recurrent import RecurrentLanguageModel


def job(**values: Any) -> TrainingJob:
    return TrainingJob(**{"paths": ("a",), "name": "n", "parent": None, "minutes": 1, **values})


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layers", "embedding"), [(1, None), (3, None), (2, 10)])
def test_weights_are_those_of_the_network(cell: Cell, layers: int, embedding: int | None) -> None:
    model = RecurrentLanguageModel(ModelConfig(300, cell, layers, 24, embedding or 0))
    counted = count_weights(job(cell=cell, layers=layers, hidden=24, embedding=embedding), 300)
    assert counted == sum(weight.numel() for weight in model.parameters())


def test_what_does_not_fit_is_refused_with_its_sizes() -> None:
    small = job(hidden=512)
    needed = bytes_needed(small, 8192)
    assert needed < 1e9
    check_fits(small, 8192, needed)
    check_fits(small, 8192, None)
    with pytest.raises(UserError, match=r"2 x 512 lstm with 8,192 tokens .* \d+ MB .* 1 MB are free"):
        check_fits(small, 8192, 1_000_000)
    with pytest.raises(UserError, match=r"8 x 8,192 lstm .* more than the 1,000,000,000"):
        check_fits(job(layers=8, hidden=8192), 257, None)
    check_fits(job(parent="base", layers=8, hidden=8192), 257, 1)


def test_it_is_refused_before_a_text_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("core.training.pipeline.free_memory", lambda device: 1_000_000)
    events: list[TrainingEvent] = []
    with pytest.raises(UserError, match="are free"):
        train(job(paths=(str(tmp_path / "gone.txt"),)), events.append)
    assert events == []


def test_what_is_free_is_the_systems_or_the_containers(tmp_path: Path) -> None:
    proc, group = tmp_path / "proc", tmp_path / "sys" / "fs" / "cgroup"
    proc.mkdir()
    (proc / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable: 500 kB\n")
    assert available_memory(tmp_path) == 512_000
    group.mkdir(parents=True)
    (group / "memory.max").write_text("max\n")
    (group / "memory.current").write_text("1000\n")
    assert available_memory(tmp_path) == 512_000
    (group / "memory.max").write_text("5000\n")
    (group / "memory.stat").write_text("anon 400\nfile 600\n")
    assert available_memory(tmp_path) == 4600
    assert (available_memory() or 1) > 0
