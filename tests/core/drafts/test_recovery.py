"""Recovery copies: private, atomic, and left over only when nobody holds them."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from core import paths
from core.drafts.files import Encoding, Fingerprint
from core.drafts.recovery import Copy, Recovery, left_over

COPY = Copy(
    "text \udc80\u2028\n", "/tmp/a.md", Encoding("latin-1", b"x", "strict"), Fingerprint(1, 2, 3, "ab"), 4, 5
)


def test_a_copy_comes_back_as_it_was() -> None:
    place = Recovery()
    place.write(COPY)
    assert left_over() == []  # this process holds it
    place.release()
    (found,) = left_over()
    copy = found.copy
    assert (copy.text, copy.path, copy.encoding, copy.fingerprint) == (
        COPY.text,
        COPY.path,
        COPY.encoding,
        COPY.fingerprint,
    )
    assert (copy.row, copy.column) == (4, 5)
    assert copy.saved > 0


def test_what_is_forgotten_while_it_is_written_is_not_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = Recovery(), Recovery()
    early.forget()
    early.write(COPY)  # of a thread that had begun before
    monkeypatch.setattr(os, "fsync", lambda _: late.forget())
    late.write(COPY)
    assert list(paths.recovery_folder().iterdir()) == []


def test_a_copy_written_while_an_older_one_is_wins_and_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    place, real = Recovery(), os.fsync
    late = replace(COPY, text="late" * 200_000)

    def sync(descriptor: int) -> None:
        real(descriptor)
        monkeypatch.setattr(os, "fsync", real)
        place.write(late)  # of the thread that ends with the process

    monkeypatch.setattr(os, "fsync", sync)
    place.write(replace(COPY, text="early" * 300_000))
    place.release()
    assert [found.copy.text for found in left_over()] == [late.text]
    assert not list(paths.recovery_folder().glob("*new"))


def test_a_copy_that_cannot_be_written_leaves_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Recovery()
    place.write(COPY)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        place.write(replace(COPY, text="longer"))
    place.release()
    assert [found.copy.text for found in left_over()] == [COPY.text]
    assert not list(paths.recovery_folder().glob("*new"))


def test_long_texts_and_copies_of_an_earlier_foretype_come_back() -> None:
    text = "漢\udc80\n\r" * 100_000
    place = Recovery()
    place.write(Copy(text, None, Encoding(), None))
    place.release()
    (paths.recovery_folder() / "old.draft").write_text(
        '{"format": 1, "text": "old\\n", "path": null, "encoding": ["utf-8", "", "strict"], '
        '"fingerprint": null, "cursor": [0, 1], "saved": 1.0}'
    )
    assert [found.copy.text for found in left_over()] == [text, "old\n"]


def test_copies_are_private() -> None:
    place = Recovery()
    place.write(COPY)
    for file in paths.recovery_folder().iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.recovery_folder().stat().st_mode) == 0o700
    place.forget()
    assert not list(paths.recovery_folder().iterdir())


def test_a_claimed_copy_is_offered_to_nobody_else_and_discarded_for_good() -> None:
    place = Recovery()
    place.write(COPY)
    place.release()
    (found,) = left_over()
    claimed = found.claim()
    assert left_over() == []
    claimed.forget()
    assert left_over() == []


def test_what_a_killed_process_wrote_is_left_over_only_after_its_end() -> None:
    program = textwrap.dedent("""
        import sys
        from core.drafts.recovery import Copy, Recovery
        from core.drafts.files import Encoding
        place = Recovery()
        place.write(Copy("unsaved", None, Encoding(), None))
        print("written", flush=True)
        sys.stdin.read()
    """)
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        assert left_over() == []
        child.kill()
    assert [found.copy.text for found in left_over()] == ["unsaved"]


def test_damaged_copies_are_left_alone() -> None:
    (paths.recovery_folder() / "broken.draft").write_text("{")
    (paths.recovery_folder() / "odd.draft").write_text('{"text": 3}')
    assert left_over() == []
    assert (paths.recovery_folder() / "broken.draft").exists()


def test_locks_without_a_copy_are_swept_away_unless_they_are_new_or_held() -> None:
    folder = paths.recovery_folder()
    held = Recovery()
    for name in ("orphan", "young", held.identity):
        (folder / f"{name}.lock").touch()
        if name != "young":
            os.utime(folder / f"{name}.lock", (1, 1))
    assert left_over() == []
    assert {file.stem for file in folder.iterdir()} == {"young", held.identity}
    held.forget()
