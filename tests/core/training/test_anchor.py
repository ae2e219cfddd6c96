"""How far a tuned network may go from its parent: as far as helps, and never so far that the language is lost."""

from collections.abc import Callable

import pytest
import torch

from core.training.anchor import SHARES, GeneralText, settle
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Level, Tokenizer

Weights = dict[str, torch.Tensor]


@pytest.fixture
def tokenizer(tokenizer_of: Callable[[Level], Tokenizer]) -> Tokenizer:
    return tokenizer_of("char")


@pytest.fixture
def model(tokenizer: Tokenizer) -> RecurrentLanguageModel:
    torch.manual_seed(3)
    network = RecurrentLanguageModel(ModelConfig(tokenizer.size, "lstm", 1, 16, dropout=0.0)).eval()
    with torch.no_grad():
        network.output.weight *= 8
    return network


@pytest.fixture
def general(
    model: RecurrentLanguageModel, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> GeneralText:
    monkeypatch.setattr("core.training.anchor.LENGTH", 24)
    return GeneralText(model, tokenizer)


def moved(model: RecurrentLanguageModel, by: float) -> tuple[Weights, Weights]:
    """The weights as they are, and ones that are elsewhere."""
    parent = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(8)
    tuned = {
        name: value + by * torch.randn_like(value)
        for name, value in parent.items()
        if name != "output.weight"
    }
    return parent, tuned


def distance(model: RecurrentLanguageModel, parent: Weights, tuned: Weights) -> float:
    """The share of the way that the model's weights are at."""
    name = "embedding.weight"
    return float(((model.state_dict()[name] - parent[name]) / (tuned[name] - parent[name])).mean())


def test_who_wrote_the_text_has_forgotten_nothing(
    model: RecurrentLanguageModel, general: GeneralText
) -> None:
    assert general.forgotten(model) == pytest.approx(0, abs=1e-6)
    parent, tuned = moved(model, 0.3)
    model.load_state_dict(tuned, strict=False)
    assert general.forgotten(model) > 0
    model.load_state_dict(parent)


@pytest.mark.parametrize("wanted", [*SHARES, 0.0])
def test_the_place_that_is_best_on_held_out_text_is_taken(
    model: RecurrentLanguageModel, general: GeneralText, wanted: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.anchor.LIMIT", 1e9)
    parent, tuned = moved(model, 0.1)
    share, _ = settle(model, parent, tuned, lambda: abs(distance(model, parent, tuned) - wanted), general)
    assert share == wanted
    assert distance(model, parent, tuned) == pytest.approx(wanted, abs=1e-3)


def test_what_forgets_too_much_is_not_taken_however_good_it_is(
    model: RecurrentLanguageModel, general: GeneralText, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, tuned = moved(model, 0.1)
    model.load_state_dict(tuned, strict=False)
    whole = general.forgotten(model)
    monkeypatch.setattr("core.training.anchor.LIMIT", 0.7 * whole)
    share, forgotten = settle(model, parent, tuned, lambda: -distance(model, parent, tuned), general)
    assert 0 < share < 1
    assert forgotten <= 0.7 * whole
    monkeypatch.setattr("core.training.anchor.LIMIT", 0.0)
    assert settle(model, parent, tuned, lambda: -distance(model, parent, tuned), general) == (0.0, 0.0)
    assert all(torch.equal(value, parent[name]) for name, value in model.state_dict().items())


def test_a_network_that_diverged_is_not_taken(model: RecurrentLanguageModel, general: GeneralText) -> None:
    parent, tuned = moved(model, 0.1)
    tuned["embedding.weight"][3] = torch.nan
    share, _ = settle(model, parent, tuned, lambda: 1.0, general)
    assert share == 0.0
