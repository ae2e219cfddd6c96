"""Files that are open in another Foretype: noticed, and let go however that one ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
