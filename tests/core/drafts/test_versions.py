"""Earlier versions: kept byte for byte, for their owner only, bounded, and spread over time."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

import pytest

from core import paths
from core.drafts import versions
from core.drafts.versions import keep_version, versions_of
from core.errors import UserError


def test_versions_are_listed_newest_first_and_read_as_drafts_are(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    for number, data in enumerate([b"one", "zwölf\r\n".encode(), b"one", b"one"]):
        keep_version(path, data, lambda number=number: 1000.0 + number)
    assert [(version.read(), version.saved) for version in versions_of(path)] == [
        ("one", 1002.0),
        ("zwölf\r\n", 1001.0),
        ("one", 1000.0),
    ]
    assert versions_of(tmp_path / "b.md") == []


def test_only_the_owner_reads_them_and_the_drafts_folder_stays_as_it_was(tmp_path: Path) -> None:
    keep_version(tmp_path / "a.md", b"secret")
    assert list(tmp_path.glob("a*")) == []
    for file in paths.versions_folder().rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600)


def test_old_versions_lie_farther_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MOST", 8)
    for minute in range(200):
        keep_version(tmp_path / "a.md", str(minute).encode(), lambda minute=minute: 60.0 * minute)
    kept = [int(version.saved / 60) for version in versions_of(tmp_path / "a.md")]
    assert len(kept) == 8
    assert (kept[0], kept[-1]) == (199, 0)
    gaps = [newer - older for newer, older in itertools.pairwise(kept)]
    assert gaps[0] < gaps[-1]


def test_all_of_them_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MOST_BYTES_IN_ALL", 100)
    for number in range(20):
        keep_version(tmp_path / f"{number}.md", bytes(range(60)))
    left = [number for number in range(20) if versions_of(tmp_path / f"{number}.md")]
    assert left[-1] == 19
    assert len(left) <= 2


def test_a_damaged_version_is_one_line(tmp_path: Path) -> None:
    keep_version(tmp_path / "a.md", b"text")
    (version,) = versions_of(tmp_path / "a.md")
    version.file.write_bytes(b"nonsense")
    with pytest.raises(UserError, match="cannot be read"):
        version.read()
