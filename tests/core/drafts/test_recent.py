"""Recent files: the last first, those that are gone left out, damage is no trouble."""

from __future__ import annotations

import stat
from pathlib import Path

from core import paths
from core.drafts import recent
from core.drafts.recent import recent_files, remember_file


def test_the_last_one_comes_first(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.md", "b [x].md", "c.md")]
    for file in files:
        file.write_text("")
        remember_file(file)
    remember_file(files[0])
    assert recent_files() == [files[0], files[2], files[1]]
    files[2].unlink()
    assert recent_files() == [files[0], files[1]]
    assert stat.S_IMODE((paths.state_folder() / "recent.json").stat().st_mode) == 0o600


def test_damage_and_growth_are_no_trouble(tmp_path: Path) -> None:
    (paths.state_folder() / "recent.json").write_text('{"a": 1}')
    assert recent_files() == []
    for number in range(recent.MOST + 5):
        (tmp_path / str(number)).write_text("")
        remember_file(tmp_path / str(number))
    assert len(recent_files()) == recent.MOST
