"""Checkpoints: what is saved is loaded, what is damaged or hostile is refused in one line, what was there survives."""

import errno
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import checkpoint as module
from models import folder as files
from models.checkpoint import load_checkpoint, read_card, save_checkpoint
from models.config import ModelConfig
from models.counting import count_memory
from models.errors import ModelError
from models.gate import SURENESS, Mixture, fit_gate
from models.placing import DEBRIS_SECONDS
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


def set_header(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / files.WEIGHTS
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    changed = change(header)
    text = (
        changed if isinstance(changed, bytes) else json.dumps(header if changed is None else changed).encode()
    )
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


def set_card(folder: Path, **changes: Any) -> None:
    card = json.loads((folder / files.CARD).read_text())
    (folder / files.CARD).write_text(json.dumps({**card, **changes}))


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


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "no such folder" in fault(tmp_path / "m")
    (tmp_path / "file").write_text("x")
    assert "no such folder" in fault(tmp_path / "file")


@pytest.mark.parametrize("name", sorted(module.FILES))
@pytest.mark.parametrize(
    "damage", ["missing", "empty", "half", "folder", "pipe", "zeros", "text", "unreadable link"]
)
def test_a_damaged_file(tmp_path: Path, name: str, damage: str) -> None:
    save(tmp_path / "m")
    path = tmp_path / "m" / name
    data = path.read_bytes()
    path.unlink()
    match damage:
        case "missing":
            pass
        case "empty":
            path.touch()
        case "half":
            path.write_bytes(data[: len(data) // 2])
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "zeros":
            path.write_bytes(bytes(len(data)))
        case "text":
            path.write_text("not a model, only text\n" * 100)
        case _:
            path.symlink_to(path)
    assert name in fault(tmp_path / "m")


HOSTILE_JSON = [
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b"NaN",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{}",
    b'{"format": NaN}',
    b'{"format": 2}',
    b'{"format": ' + b"9" * 5000 + b"}",
    b'\xff\xfe{"format": 1}',
    b'{"format": 1}',
    b'{"format": 1, "config": []}',
    b'{"format": 1, "level": "word", "learned": {}}',
    b'{"format": 1, "level": "word", "learned": [1]}',
    b'{"format": 1, "level": "word", "learned": ["ab", "ab"]}',
    b'{"format": 1, "level": "word", "learned": [""]}',
    b'{"format": 1, "level": "subword", "learned": [["a"]]}',
    b'{"format": 1, "level": "subword", "learned": [["aa", "b"]]}',
    b'{"format": 1, "level": "char", "learned": ["xy"]}',
    b'{"format": 1, "level": ["char"], "learned": []}',
    b'{"format": 1, "level": "\\u001b[31m", "learned": []}',
]


@pytest.mark.parametrize("name", [files.CARD, files.TOKENIZER])
@pytest.mark.parametrize("data", HOSTILE_JSON, ids=lambda data: repr(data[:50]))
def test_hostile_json(tmp_path: Path, name: str, data: bytes) -> None:
    save(tmp_path / "m")
    (tmp_path / "m" / name).write_bytes(data)
    fault(tmp_path / "m")


def test_a_card_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "m")
    with open(tmp_path / "m" / files.CARD, "rb+") as stream:
        stream.truncate(files.MAX_CARD_BYTES + 1)  # sparse: takes no room
    assert "longer" in fault(tmp_path / "m")


@pytest.mark.parametrize(
    "config",
    [
        {"hidden": 10**12},
        {"hidden": 1e12},
        {"layers": 10**9},
        {"vocabulary": -1},
        {"vocabulary": True},
        {"cell": "transformer"},
        {"cell": ["lstm"]},
        {"dropout": 1},
        {"tied": "yes"},
        {"hidden": 8192, "layers": 16},
        {"colour\n\x1b[31m": 1},
        {"hidden": 16},
        {"layers": 1},
        {"layers": 3},
        {"cell": "gru"},
        {"tied": False},
        {"embedding": 4},
        {"vocabulary": 299},
    ],
    ids=str,
)
def test_a_config_that_lies(tmp_path: Path, config: dict[str, Any]) -> None:
    save(tmp_path / "m")
    set_card(tmp_path / "m", config={**read_card(tmp_path / "m")["config"], **config})
    fault(tmp_path / "m")


def _first(header: dict[str, Any], **changes: Any) -> None:
    header["output.bias"].update(changes)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda h: h.pop("output.bias") and h, "lacks the weights output.bias"),
        (lambda h: h.update(more=h["output.bias"]), "does not know"),
        (lambda h: _first(h, dtype="I64"), "I64"),
        (lambda h: _first(h, dtype=["F32"]), "output.bias"),
        (lambda h: _first(h, dtype="F16"), "wrong length"),
        (lambda h: _first(h, shape=[10**12]), "1000000000000"),
        (lambda h: _first(h, shape=None), "output.bias"),
        (lambda h: _first(h, data_offsets=[0, 10**12]), "wrong length"),
        (lambda h: _first(h, data_offsets=[0]), "wrong length"),
        (lambda h: _first(h, data_offsets="01"), "wrong length"),
        (lambda h: _first(h, data_offsets=[-40, -40 + 4 * h["output.bias"]["shape"][0]]), "overlap"),
        (lambda h: _first(h, data_offsets=[8, 8 + 4 * h["output.bias"]["shape"][0]]), "overlap"),
        (lambda h: {"output.bias": 3}, "lacks"),
        (lambda h: {**h, "output.bias": 3}, "output.bias"),
        (lambda h: [], "header"),
        (lambda h: b"[" * 100_000, "header"),
        (lambda h: b"\xff" * 100, "header"),
        (lambda h: json.dumps(h).encode()[:-1] + b',"output.bias":{}}', "twice"),
    ],
)
def test_a_header_that_lies(tmp_path: Path, change: Callable[[dict[str, Any]], object], says: str) -> None:
    save(tmp_path / "m")
    set_header(tmp_path / "m", change)
    line = fault(tmp_path / "m")
    assert says in line or (says == "header" and "lacks" in line)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 2**20, 2**40, 2**64 - 1])
def test_a_header_of_a_wrong_length(tmp_path: Path, length: int) -> None:
    save(tmp_path / "m")
    path = tmp_path / "m" / files.WEIGHTS
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    assert files.WEIGHTS in fault(tmp_path / "m")


@pytest.mark.parametrize("more", [-1, 1, 1000])
def test_a_weights_file_of_a_wrong_length(tmp_path: Path, more: int) -> None:
    save(tmp_path / "m")
    path = tmp_path / "m" / files.WEIGHTS
    data = path.read_bytes()
    path.write_bytes(data[:more] if more < 0 else data + bytes(more))
    assert "bytes" in fault(tmp_path / "m")


def test_weights_that_are_not_finite_are_not_loaded(tmp_path: Path) -> None:
    save(tmp_path / "m")
    path = tmp_path / "m" / files.WEIGHTS
    path.write_bytes(path.read_bytes()[:-4] + struct.pack("<f", float("nan")))
    assert "finite" in fault(tmp_path / "m")


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    save(tmp_path / "m")
    torch.save({"a": 1}, tmp_path / "m" / files.WEIGHTS)
    assert files.WEIGHTS in fault(tmp_path / "m")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_flipped_byte_loads_or_is_refused_in_one_line(tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "m"
    if not folder.exists():
        save(folder)
    name = data.draw(st.sampled_from(sorted(module.FILES)))
    whole = (folder / name).read_bytes()
    at = data.draw(st.integers(0, min(len(whole), 3000) - 1))
    broken = bytearray(whole)
    broken[at] = data.draw(st.integers(0, 255))
    (folder / name).write_bytes(broken)
    try:
        load_checkpoint(folder)
    except ModelError as error:
        assert str(error).isprintable()
    finally:
        (folder / name).write_bytes(whole)


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
