"""Where a ghost is from: eight words in a row that one of the person's own documents has exactly so."""

from collections.abc import Callable

import pytest
import torch

from core.library.personal import OwnFile, build_memory
from core.prediction.predictor import Predictor
from core.prediction.quoting import origin
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.stepper import make_stepper
from models.tokenizers import Tokenizer

HARBOUR = "In the evening the light falls on the harbour, and the boats lie still in it until the dark comes."
LETTER = "Dear Anna, thank you for the photographs of the light that falls on the harbour. I had forgotten it’s so."


@pytest.fixture
def predictor(tokenizer_of: Callable[[str], Tokenizer]) -> Predictor:
    """A network that remembers two documents."""
    tokenizer = tokenizer_of("subword")
    torch.manual_seed(0)
    stepper = make_stepper(RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8)).eval())
    files = [OwnFile("/notes/harbour.md", "", "", (HARBOUR,)), OwnFile("/letters/anna.md", "", "", (LETTER,))]
    return Predictor.of(stepper, tokenizer, True, personal=build_memory(files, tokenizer, folding=True))


@pytest.mark.parametrize(
    ("before", "ghost", "source"),
    [
        ("Look how in the evening the light falls on the", " harbour, and", "/notes/harbour.md"),
        ("and the boats lie still in it unt", "il the dark", "/notes/harbour.md"),
        ("", "the light falls on the harbour, and the boats lie still", "/notes/harbour.md"),
        ("the photographs of the light that falls", " on", "/letters/anna.md"),
        ("falls on the harbour. I had forgotten it", "’s so", "/letters/anna.md"),
        ("falls on the harbour. I had forgotten it", "'s so", "/letters/anna.md"),
        ("thus the light falls on the", " harbour", None),
        ("We see the light falls on the", " harbour", None),
        ("In the evening the light falls on the", " harbour, or the", None),
        ("In the evening the light falls on the", " harbour and the", None),
        ("In the evening the light falls on the harbour", "", None),
        ("In the evening the light falls on the harbour", "   ", None),
        ("in the Evening the light falls on the", " harbour", None),
        ("the dark comes. Dear Anna, thank you for the", " photographs", None),
    ],
)
def test_names_the_document(predictor: Predictor, before: str, ghost: str, source: str | None) -> None:
    assert origin(predictor, before, ghost) == source


def test_without_documents_there_is_no_source(predictor: Predictor) -> None:
    bare = Predictor.of(predictor.stepper, predictor.tokenizer)
    assert origin(bare, "In the evening the light falls on the", " harbour, and") is None
