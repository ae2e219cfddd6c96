"""What is read and what is left out, on the command line: before a training, alone, and kept out for ever."""

import json
from pathlib import Path

import pytest

from core.events import CorpusRead
from core.reading import pandoc
from tui.cli import main
from tui.command_line import doctor
from tui.command_line.reading import details

PROSE = "The light falls on the harbour, and nobody saw it."
Captured = pytest.CaptureFixture[str]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return path


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def test_a_dry_run_says_what_would_be_learnt(tmp_path: Path, capsys: Captured) -> None:
    write(tmp_path / "t/a.md", f"# One\n\n{PROSE}\n\npassword: hunter2")
    write(tmp_path / "t/b.txt", f"Another. {PROSE}")
    write(tmp_path / "t/c.py", "x")
    write(tmp_path / "t/\x1b[31m.txt", "")
    assert run("train", "--dry-run", tmp_path / "t") == 0
    out = capsys.readouterr().out
    assert "2 files can be learnt from: " in out
    assert "  Markdown: 1 file, " in out and "  plain text: 1 file, " in out
    assert f"left out: {tmp_path / 't/c.py'}: .py files are no prose" in out
    assert "left out: 1 line with a password, a key or the like" in out
    assert "\x1b" not in out and "hunter2" not in out
    assert not (tmp_path / "home/state/training").exists() or not list(
        (tmp_path / "home/state/training").iterdir()
    )


def test_a_dry_run_as_json(tmp_path: Path, capsys: Captured) -> None:
    write(tmp_path / "t/a.md", PROSE)
    write(tmp_path / "t/c.py", "x")
    assert run("train", "--dry-run", "--json", tmp_path / "t") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["characters"], told["left_out_count"]) == (1, len(PROSE), 1)
    assert told["kinds"] == {"Markdown": {"files": 1, "characters": len(PROSE)}}
    assert told["reasons"] == {"no prose, by their kind": 1}


def test_of_many_left_out_the_reasons_are_told() -> None:
    left_out = tuple((f"{number}.py", "no prose") for number in range(50))
    lines = details(
        CorpusRead(
            3,
            left_out,
            9,
            1,
            5,
            1234,
            (("no prose", "1,234 (a\x1b.py, …)"),),
            (("PDF", "3 files"),),
            (),
            0,
            7,
        )
    )
    assert lines == [
        "  PDF: 3 files",
        "left out: 1,234 files",
        "  no prose: 1,234 (a\\x1b.py, …)",
        "left out: 7 characters that stood in another file before",
    ]


def test_what_is_excluded_is_kept_out_for_ever_and_can_be_let_in_again(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary = write(tmp_path / "t/diary.txt", PROSE)
    assert run("models", "exclude") == 0
    assert capsys.readouterr().out == ""
    assert run("models", "exclude", diary, "*.secret.*") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{diary} is never learnt from",
        "*.secret.* is never learnt from",
    ]
    assert run("train", "--dry-run", diary) == 1
    assert "kept out as you asked" in capsys.readouterr().err
    assert run("models", "exclude", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"exclude": [str(diary), "*.secret.*"]}
    monkeypatch.chdir(tmp_path / "t")
    assert run("models", "exclude", "--undo", "diary.txt") == 0
    assert run("train", "--dry-run", diary) == 0
    capsys.readouterr()
    assert run("models", "exclude", "--undo", "diary.txt") == 1
    assert "diary.txt is not excluded" in capsys.readouterr().err
    assert run("models", "exclude", tmp_path / "missing") == 1
    assert "is not there" in capsys.readouterr().err
    assert run("models", "exclude", "--undo") == 2


def test_models_that_have_learnt_from_what_is_excluded_are_named(tmp_path: Path, capsys: Captured) -> None:
    diary = write(tmp_path / "t/diary.txt", PROSE)
    folder = tmp_path / "home/data/models/mine/versions/0001"
    write(
        folder / "model.json",
        json.dumps({"name": "mine", "trained_on": [{"path": str(diary)}, {"path": 3}, 4]}),
    )
    (folder.parent.parent / "current").write_text("0001")
    assert run("models", "exclude", tmp_path / "t") == 0
    told = capsys.readouterr()
    assert f"mine has learnt from {diary}: foretype models forget takes it out" in told.err


def test_the_doctor_says_what_is_left_out_without_pandoc(monkeypatch: pytest.MonkeyPatch) -> None:
    (there,) = doctor._documents()
    monkeypatch.setattr(pandoc, "program", lambda: None)
    (missing,) = doctor._documents()
    assert there.ok and missing.ok  # the rest works
    assert "pip install pypandoc_binary" in missing.found
