"""Saving a checkpoint where something is, or where it fails: what was there survives, and nothing is left about."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from models.checkpoint import load_checkpoint, read_card, save_checkpoint
from models.config import ModelConfig
from models.errors import ModelError
from models.placing import DEBRIS_SECONDS
from models.recurrent import RecurrentLanguageModel
from tests.models.checkpoints import network, save, tokenizer_of


def test_an_old_checkpoint_is_replaced(tmp_path: Path) -> None:
    save(tmp_path / "m")
    tokenizer = tokenizer_of("char")
    save_checkpoint(tmp_path / "m", network(tokenizer), tokenizer, {"name": "other"})
    assert load_checkpoint(tmp_path / "m").card["name"] == "other"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_what_is_no_checkpoint_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "novel.md").write_text("years of work")
    (tmp_path / "file").write_text("a file")
    (tmp_path / "link").symlink_to(tmp_path / "texts")
    for name in ("texts", "file", "link"):
        with pytest.raises(ModelError, match=name):
            save(tmp_path / name)
    assert (tmp_path / "texts" / "novel.md").read_text() == "years of work"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "link", "texts"]


@pytest.mark.parametrize("failing", ["fsync", "open"])
def test_a_full_disk_leaves_the_old_one_and_no_debris(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    save(tmp_path / "m")
    before = load_checkpoint(tmp_path / "m").model.embedding.weight

    real = getattr(os, failing)

    def full(what: Any, flags: int = os.O_CREAT, *rest: Any, **options: Any) -> Any:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(what, flags, *rest, **options)  # removing debris opens folders

    with monkeypatch.context() as patched:
        patched.setattr(os, failing, full)
        with pytest.raises(ModelError, match="No space left") as caught:
            save(tmp_path / "m")
        assert str(tmp_path / "m") in str(caught.value)
    assert torch.equal(before, load_checkpoint(tmp_path / "m").model.embedding.weight)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_a_limit_on_the_file_size_is_an_error_of_one_line(tmp_path: Path) -> None:
    """A real write that the system refuses, as on a full disk, in a process of its own."""
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from models.checkpoint import save_checkpoint\n"
        "from models.config import ModelConfig\n"
        "from models.errors import ModelError\n"
        "from models.recurrent import RecurrentLanguageModel\n"
        "from models.tokenizers import train_tokenizer\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "tokenizer = train_tokenizer(['a b'], 'char', 300)\n"
        "model = RecurrentLanguageModel(ModelConfig(tokenizer.size, hidden=64))\n"
        "try:\n"
        "    save_checkpoint(Path(sys.argv[1]), model, tokenizer, {})\n"
        "except ModelError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m")],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    assert str(tmp_path / "m") in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_an_error_of_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ModelError, match="Permission denied"):
        save(tmp_path / "m")
    tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


def test_a_rename_that_fails_brings_the_old_one_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "m")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.startswith(".saving-"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ModelError):
        save(tmp_path / "m")
    assert load_checkpoint(tmp_path / "m").card["name"] == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_a_process_killed_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    save(tmp_path / "m")
    (tmp_path / "m").rename(tmp_path / ".replaced-m")
    assert read_card(tmp_path / "m")["name"] == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    for name, age in ((".saving-old", 2 * DEBRIS_SECONDS), (".saving-at-work", 0.0)):
        (tmp_path / name).mkdir()
        when = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (when, when))
    save(tmp_path / "m")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".saving-at-work", "m"]


def test_weights_that_are_not_finite_are_not_saved(tmp_path: Path) -> None:
    tokenizer = tokenizer_of()
    model = network(tokenizer)
    with torch.no_grad():
        model.embedding.weight[0, 0] = 1e6
    with pytest.raises(ModelError, match="finite"):
        save_checkpoint(tmp_path / "m", model, tokenizer, {}, weights="float16")
    save_checkpoint(tmp_path / "m", model, tokenizer, {})


def test_a_network_and_a_tokenizer_of_other_sizes_are_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="300"):
        save_checkpoint(
            tmp_path / "m", RecurrentLanguageModel(ModelConfig(300, hidden=8)), tokenizer_of(), {}
        )
    assert list(tmp_path.iterdir()) == []
