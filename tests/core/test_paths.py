"""Folders: below FORETYPE_HOME where it is set, private, and refused in one line where they cannot be made."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from core import paths
from core.errors import UserError

FOLDERS = [
    paths.data_folder,
    paths.config_folder,
    paths.state_folder,
    paths.models_folder,
    paths.recovery_folder,
    paths.training_folder,
]


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_are_made_private_below_home(folder: Callable[[], Path], foretype_home: Path) -> None:
    made = folder()
    assert made.is_relative_to(foretype_home)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_files_have_folders(foretype_home: Path) -> None:
    assert paths.log_file().parent.is_dir()
    assert paths.settings_file().parent.is_dir()


def test_without_the_variable_the_system_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FORETYPE_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.state_folder().is_relative_to(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FORETYPE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match="cannot be made"):
        paths.data_folder()
