"""What loading a checkpoint costs beyond the weights: nothing of torch that a network does not need."""

import subprocess
import sys
from pathlib import Path

from models.checkpoint import save_checkpoint
from models.config import ModelConfig
from models.recurrent import RecurrentLanguageModel
from models.tokenizers import train_tokenizer

LOAD = """
import sys
from models.checkpoint import load_checkpoint
load_checkpoint(sys.argv[1])
print(*(name for name in ("torch._dynamo", "sympy") if name in sys.modules))
"""


def test_loading_leaves_torchs_compiler_alone(tmp_path: Path) -> None:
    """It takes 80 MB and a second that a person waits for the first ghost."""
    tokenizer = train_tokenizer(["one two"], "char", 300)
    model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=8, layers=2))
    save_checkpoint(tmp_path / "tiny", model, tokenizer, {"name": "tiny"})
    command = [sys.executable, "-P", "-c", LOAD, str(tmp_path / "tiny")]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
