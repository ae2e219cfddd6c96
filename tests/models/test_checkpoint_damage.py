"""Checkpoints that are damaged or hostile: each is refused in one line, whatever is wrong with which file."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import checkpoint as module
from models import folder as files
from models.checkpoint import load_checkpoint, read_card
from models.errors import ModelError
from tests.models.checkpoints import fault, save


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
