"""Recent files: the last first, those that are gone left out, damage is no trouble."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from core import paths
from core.drafts import recent
from core.drafts.recent import place_in, recent_files, remember_file, remember_place


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


def test_where_one_was_is_known_of_recent_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    (paths.state_folder() / "recent.json").write_text(
        json.dumps([str(one)])
    )  # as an earlier Foretype wrote it
    assert place_in(one) == (0, 0)
    remember_place(one, (3, 7))
    remember_file(two)
    remember_file(one)
    remember_place(tmp_path / "never opened", (1, 1))
    assert (place_in(one), place_in(two), place_in(tmp_path / "never opened")) == ((3, 7), (0, 0), (0, 0))
    (paths.state_folder() / "recent.json").write_text('[["a", -1, 2], ["b", "c", 1], ["d"], 5, ["e", 1, 2]]')
    assert [place_in(Path("/", name)) for name in "ab"] == [(0, 0), (0, 0)]


def test_damage_and_growth_are_no_trouble(tmp_path: Path) -> None:
    (paths.state_folder() / "recent.json").write_text('{"a": 1}')
    assert recent_files() == []
    for number in range(recent.MOST + 5):
        (tmp_path / str(number)).write_text("")
        remember_file(tmp_path / str(number))
    assert len(recent_files()) == recent.MOST
