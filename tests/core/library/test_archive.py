"""One file for a model: what goes in comes out, and what a stranger put in does not."""

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UserError
from core.library import archive
from core.library.archive import export_model, unpacked

CONTENTS = {
    "model.json": b'{"format": 1}',
    "tokenizer.json": b"{}",
    "model.safetensors": b"\0" * 5000,
    "personal.safetensors": b"phrases",
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "0001"
    folder.mkdir()
    for name, data in CONTENTS.items():
        (folder / name).write_bytes(data)
    return folder


def write(
    file: Path, contents: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    with zipfile.ZipFile(file, "w") as made:
        for name, data in contents.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            if change is not None:
                change(entry)
            made.writestr(entry, data)
    return file


def refused(file: Path, beside: Path) -> str:
    with pytest.raises(UserError) as caught, unpacked(file, beside):
        pytest.fail("it was unpacked")
    assert not list(beside.glob(".import-*"))
    line = str(caught.value)
    assert "\n" not in line and "\x1b" not in line
    return line


def test_what_goes_in_comes_out_for_its_owner_alone(model: Path, tmp_path: Path) -> None:
    (model / ".stray").write_text("not of a model")
    file = tmp_path / "mine.foretype"
    assert export_model(model, file) == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with unpacked(file, tmp_path) as folder:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENTS
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert not folder.exists()


def test_what_is_there_is_not_written_over(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "novel.txt"
    file.write_text("years of work")
    with pytest.raises(UserError, match="is there already"):
        export_model(model, file)
    assert file.read_text() == "years of work"
    with pytest.raises(UserError, match="is not exported"):
        export_model(model, tmp_path / "missing" / "mine.foretype")
    assert not list(tmp_path.glob(".export-*"))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "a/model.json",
        "MODEL.JSON",
        "evil.pkl",
        "\x1b[2J",
        "model.json\0",
        "..",
        "model.json/",
    ],
)
def test_foreign_names_are_refused(name: str, tmp_path: Path) -> None:
    if "\0" in name:
        name = name.replace("\0", "x")
    assert "no part of a model" in refused(write(tmp_path / "a.zip", {**CONTENTS, name: b"x"}), tmp_path)


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFDIR):

        def change(entry: zipfile.ZipInfo, kind: int = kind) -> None:
            if entry.filename == "tokenizer.json":
                entry.external_attr = (kind | 0o777) << 16

        assert "link" in refused(write(tmp_path / "a.zip", CONTENTS, change), tmp_path)


def test_twice_the_same_name_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "a.zip", CONTENTS)
    with zipfile.ZipFile(file, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("model.json", b"another")
    assert "twice" in refused(file, tmp_path)


@pytest.mark.parametrize("missing", archive.NEEDED)
def test_a_part_that_is_missing_is_named(missing: str, tmp_path: Path) -> None:
    contents = {name: data for name, data in CONTENTS.items() if name != missing}
    assert missing in refused(write(tmp_path / "a.zip", contents), tmp_path)


def test_what_unpacks_to_more_than_a_model_may_have_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in CONTENTS.items():
            made.writestr(name, data)
        made.writestr("gate.json", b"0" * (archive.LIMITS["gate.json"] + 1))
    assert file.stat().st_size < 50_000
    assert "larger than any model's" in refused(file, tmp_path)


def test_more_than_the_disk_has_room_for_is_refused(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.foretype"
    export_model(model, file)
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100}))
    assert "no space left" in refused(file, tmp_path)


def test_damage_is_refused_wherever_it_is(model: Path, tmp_path: Path) -> None:
    whole = tmp_path / "mine.foretype"
    export_model(model, whole)
    data = bytearray(whole.read_bytes())
    damaged = tmp_path / "damaged"
    for at in range(0, len(data), 211):
        changed = bytearray(data)
        changed[at] ^= 0x55
        damaged.write_bytes(changed)
        try:
            with unpacked(damaged, tmp_path) as folder:
                assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENTS
        except UserError as error:
            assert "\n" not in str(error)
    for length in (0, 10, len(data) // 2, len(data) - 1):
        damaged.write_bytes(data[:length])
        assert "damaged" in refused(damaged, tmp_path)


def test_no_file_at_all_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused(pipe, tmp_path)
    refused(tmp_path, tmp_path)
    refused(tmp_path / "missing", tmp_path)
