"""Checkpoints to try things on: small ones, saved in a folder, and the line with which a spoilt one is refused."""

from pathlib import Path
from typing import Any

import pytest
import torch

from models import folder as files
from models.checkpoint import load_checkpoint, save_checkpoint
from models.config import ModelConfig
from models.errors import ModelError
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import Tokenizer, train_tokenizer

TEXTS = ["the light falls on the harbour, the light falls on the sea", "naïve café “quoted” — café naïve"] * 3


def tokenizer_of(level: Any = "word") -> Tokenizer:
    return train_tokenizer(TEXTS, level, 300)


def network(tokenizer: Tokenizer, **changes: Any) -> RecurrentLanguageModel:
    torch.manual_seed(1)
    return RecurrentLanguageModel(ModelConfig(tokenizer.size, **{"hidden": 8, "layers": 2, **changes}))


def save(folder: Path, **options: Any) -> RecurrentLanguageModel:
    tokenizer = tokenizer_of()
    model = network(tokenizer)
    save_checkpoint(folder, model, tokenizer, {"name": "mine"}, **options)
    return model


def fault(folder: Path) -> str:
    """The line with which loading fails; it is one line and names the folder."""
    with pytest.raises(ModelError) as caught:
        load_checkpoint(folder)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 600 + len(str(folder))
    assert files.shown(folder) in line
    return line
