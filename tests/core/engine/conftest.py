"""A small trained model, and engines: one that has it loaded, for many tests, and one with nothing for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from models.checkpoint import save_checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer
from tests.core.engine.server import TEXT, Server


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A word model that has learnt TEXT by heart."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer([TEXT], "word", 300)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=48, layers=1, dropout=0))
    ids = torch.tensor([0, *tokenizer.encode(TEXT * 3)]).unsqueeze(1)
    optimizer = torch.optim.AdamW(model.parameters(), 0.02)
    for _ in range(60):
        logits, _ = model(ids[:-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    folder = tmp_path_factory.mktemp("models") / "harbour"
    card = {"name": "harbour", "level": "word", "held_out": {"bits_per_character": 0.5}}
    save_checkpoint(folder, model.eval(), tokenizer, card)
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Iterator[Server]:
    """One engine with the model loaded, for all tests that leave it as it is."""
    server = Server(tmp_path_factory.mktemp("home"), "--model", str(checkpoint))
    yield server
    assert server.end() == 0


@pytest.fixture
def server(shared: Server) -> Server:
    shared.heard.clear()
    return shared


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Server]:
    """An engine of the test's own, with no model to load."""
    server = Server(tmp_path, "--model", str(tmp_path / "nothing"))
    yield server
    if server.process.poll() is None:
        server.process.kill()
    server.process.wait()
    for stream in (server.input, server.output, server.errors):
        stream.close()
