"""Checkpoints: what is saved is loaded, to the bit, with its card and its memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import checkpoint as module
from models import folder as files
from models.checkpoint import load_checkpoint, read_card, save_checkpoint
from models.config import ModelConfig
from models.counting import count_memory
from models.errors import ModelError
from models.gate import SURENESS, Mixture, fit_gate
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer
from tests.models.checkpoints import fault, network, save, tokenizer_of


@pytest.mark.parametrize("level", ["char", "word", "subword"])
@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"cell": "gru"},
        {"cell": "rnn", "layers": 1},
        {"tied": False},
        {"embedding": 6},
        {"embedding": 6, "tied": False},
    ],
    ids=str,
)
def test_what_is_saved_is_loaded(tmp_path: Path, level: str, shape: dict[str, Any]) -> None:
    tokenizer = tokenizer_of(level)
    model = network(tokenizer, **shape).eval()
    save_checkpoint(tmp_path / "m", model, tokenizer, {"name": "mine", "notes": "“ok”"})
    loaded = load_checkpoint(tmp_path / "m")
    assert loaded.model.config == model.config
    assert loaded.tokenizer.pieces == tokenizer.pieces
    assert loaded.card["notes"] == "“ok”" and loaded.card["level"] == level
    assert not loaded.model.training
    ids = torch.tensor([[1, 200, 258], [257, 3, 0]]).T
    with torch.no_grad():
        for ours, theirs in zip(model(ids)[1], loaded.model(ids)[1], strict=True):
            assert torch.equal(ours, theirs)
        assert torch.equal(model(ids)[0], loaded.model(ids)[0])


@pytest.mark.parametrize("stored", ["float16", "bfloat16"])
def test_half_the_bytes_load_as_float32(tmp_path: Path, stored: Any) -> None:
    model = save(tmp_path / "half", weights=stored)
    save(tmp_path / "whole")
    loaded = load_checkpoint(tmp_path / "half").model
    for name, value in loaded.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.allclose(value, model.state_dict()[name], atol=0.01)
    sizes = [(tmp_path / which / files.WEIGHTS).stat().st_size for which in ("half", "whole")]
    assert sizes[0] < 0.7 * sizes[1]


def test_a_tied_network_stays_tied_and_can_be_trained(tmp_path: Path) -> None:
    save(tmp_path / "m")
    model = load_checkpoint(tmp_path / "m").model
    assert model.output.weight is model.embedding.weight
    model(torch.tensor([[1], [2]]))[0].sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_loading_leaves_the_random_state_alone(tmp_path: Path) -> None:
    save(tmp_path / "m")
    before = torch.get_rng_state()
    load_checkpoint(tmp_path / "m")
    assert torch.equal(before, torch.get_rng_state())


def test_weights_do_not_hang_on_the_file(tmp_path: Path) -> None:
    save(tmp_path / "m")
    model = load_checkpoint(tmp_path / "m").model
    with open(tmp_path / "m" / files.WEIGHTS, "rb+") as stream:
        stream.truncate(0)
    assert torch.isfinite(model.embedding.weight).all()


def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    save(tmp_path / "m")
    assert (tmp_path / "m").stat().st_mode & 0o777 == 0o700
    for name in module.FILES:
        assert (tmp_path / "m" / name).stat().st_mode & 0o077 == 0


def test_a_card_may_hold_what_json_has_not(tmp_path: Path) -> None:
    tokenizer = tokenizer_of()
    card = {"history": [(1, float("nan"), float("inf"))], "trained_on": [{"path": "a\ud800[b]\n.txt"}]}
    save_checkpoint(tmp_path / "m", network(tokenizer), tokenizer, card)
    read = read_card(tmp_path / "m")
    assert read["history"] == [[1, None, None]]
    assert read["trained_on"] == card["trained_on"]


@pytest.mark.parametrize(
    "name", ["a [b]", "with space", "new\nline", "\x1b[31mred", "ünïcode", "-rf", ".hidden"]
)
def test_odd_folder_names_are_welcome(tmp_path: Path, name: str) -> None:
    save(tmp_path / name)
    assert load_checkpoint(tmp_path / name).folder == tmp_path / name
    (tmp_path / name / files.CARD).unlink()
    assert files.CARD in fault(tmp_path / name)


def small_mixture(vocabulary: int) -> Mixture:
    memory = count_memory(np.array([1, 2, 3, 1, 2, 4] * 9), vocabulary, 3)
    features = np.random.default_rng(0).normal(size=(40, memory.orders - 1 + SURENESS)).astype(np.float32)
    return Mixture(memory, fit_gate(features, features[:, 0] ** 2, features[:, 1] ** 2, steps=2))


def test_a_memory_goes_with_its_network(tmp_path: Path) -> None:
    tokenizer = train_tokenizer(["abc"], "char", 300)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8))
    mixture = small_mixture(tokenizer.size)
    save_checkpoint(tmp_path / "model", model, tokenizer, {}, mixture=mixture)
    loaded = load_checkpoint(tmp_path / "model").mixture
    assert loaded is not None
    assert loaded.gate.as_json() == mixture.gate.as_json()
    assert all(
        np.array_equal(loaded.memory.arrays[name], array) for name, array in mixture.memory.arrays.items()
    )
    save_checkpoint(tmp_path / "model", model, tokenizer, {})
    assert load_checkpoint(tmp_path / "model").mixture is None


def test_a_memory_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    tokenizer = train_tokenizer(["abc"], "char", 300)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8))
    with pytest.raises(ModelError, match="another vocabulary"):
        save_checkpoint(tmp_path / "model", model, tokenizer, {}, mixture=small_mixture(99))
    assert not list(tmp_path.iterdir())
    save_checkpoint(tmp_path / "model", model, tokenizer, {}, mixture=small_mixture(tokenizer.size))
    (tmp_path / "model" / "memory.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="model"):
        load_checkpoint(tmp_path / "model")
    (tmp_path / "model" / "memory.safetensors").unlink()
    with pytest.raises(ModelError, match="memory"):
        load_checkpoint(tmp_path / "model")
