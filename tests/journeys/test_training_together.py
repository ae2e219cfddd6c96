"""The command under PyTorch's launcher: two processes make one model, and one of them tells about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch.distributed as dist

from core.library.library import Library

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (dist.is_available() and dist.is_gloo_available()),
        reason="this build of torch has no gloo: processes cannot train together",
    ),
]


def test_torchrun_makes_one_model(tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("The cat sat on the mat. A dog ran to the gate.\n\n" * 120, encoding="utf-8")
    launcher = [sys.executable, "-P", "-m", "torch.distributed.run", "--nproc-per-node", "2", "--no-python"]
    training = [sys.executable, "-P", "-m", "tui", "train", str(book), "--from", "nothing", "--level", "char"]
    sizes = ["--layers", "1", "--hidden", "16", "--streams", "4", "--window", "16", "--epochs", "1"]
    done = subprocess.run(
        [*launcher, *training, *sizes, "--name", "tiny"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.count("learning from 1 file") == 1
    assert done.stdout.count("\nsaved: ") == 1
    card = Library().find("tiny").card
    assert card["plan"]["streams"] == 8
    assert card["hardware"].startswith("2 processes, each on ")
