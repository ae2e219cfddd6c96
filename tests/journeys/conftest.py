"""A model for journeys: small, trained in seconds on one sentence, so that its ghosts are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch

from models.checkpoint import save_checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer
from tests.journeys.terminal import Terminal

SENTENCE = "I had almost forgotten how the light falls on the harbour. "


@pytest.fixture(scope="session")
def one_sentence_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a checkpoint that knows SENTENCE and nothing else."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = train_tokenizer([SENTENCE], "char", 300)
    model = RecurrentLanguageModel(ModelConfig(vocabulary=tokenizer.size, hidden=64, layers=1, dropout=0.0))
    ids = torch.tensor(tokenizer.encode(SENTENCE * 3)).unsqueeze(1)  # (time, batch 1)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    for _ in range(150):
        logits, _ = model(ids[:-1], None)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.set_num_threads(threads)
    folder = tmp_path_factory.mktemp("models") / "sentence"
    card = {"format": 1, "name": "sentence", "level": "char", "held_out": {"bits_per_character": 0.1}}
    save_checkpoint(folder, model, tokenizer, card)
    return folder


@pytest.fixture
def home(foretype_home: Path, one_sentence_model: Path) -> Path:
    """Foretype's folders, with settings that use the model of one sentence."""
    config = foretype_home / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(f'model = "{one_sentence_model}"\neagerness = "always"\n')
    return foretype_home


@pytest.fixture
def open_app(home: Path, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts foretype in a pseudo-terminal, in the test's folder."""
    opened: list[Terminal] = []

    def start(*arguments: str, width: int = 120, height: int = 36, before: Sequence[str] = ()) -> Terminal:
        opened.append(Terminal(home, tmp_path, *arguments, width=width, height=height, before=before))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
