"""Files that are open in another Foretype: noticed, and let go however that one ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import locks, paths
from core.drafts.holding import HeldElsewhere, Hold

HOLDER = """
import sys
from pathlib import Path
from core.drafts.holding import Hold
hold = Hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_file_is_held_until_its_process_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(HeldElsewhere) as error:
            Hold(path)
        assert error.value.process == str(other.pid)
        Hold(tmp_path / "b.md").release()
        other.kill()
    Hold(path).release()


def test_other_names_of_a_file_are_the_same_file(tmp_path: Path) -> None:
    path, link = tmp_path / "a.md", tmp_path / "link.md"
    path.write_text("")
    link.symlink_to(path)
    hold = Hold(path)
    with pytest.raises(HeldElsewhere):
        Hold(link)
    hold.release()
    Hold(link).release()


def test_where_nothing_can_be_marked_nothing_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORETYPE_HOME", str(tmp_path / "file"))
    Hold(tmp_path / "a.md").release()


def test_nothing_of_a_file_that_was_let_go_stays(tmp_path: Path) -> None:
    hold = Hold(tmp_path / "a.md")
    assert len(list(paths.open_folder().iterdir())) == 1
    hold.release()
    assert not list(paths.open_folder().iterdir())


def test_a_marker_that_is_taken_away_while_it_is_being_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening and locking it, the one before lets the file go: who comes third must notice the second."""
    lock, first = locks.fcntl.flock, Hold(tmp_path / "a.md")

    def late(descriptor: int, operation: int) -> None:
        first.release()
        lock(descriptor, operation)

    with monkeypatch.context() as patched:
        patched.setattr(locks.fcntl, "flock", late)
        second = Hold(tmp_path / "a.md")
    with pytest.raises(HeldElsewhere):
        Hold(tmp_path / "a.md")
    second.release()
