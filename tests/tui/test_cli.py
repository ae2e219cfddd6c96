"""The command line: what it says, what it refuses and with which status, and what it makes of options."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import paths
from core.eagerness import THRESHOLDS
from core.events import (
    CorpusRead,
    Finished,
    HeldOut,
    Paused,
    Reading,
    Resumed,
    Sample,
    Saved,
    Step,
    TrainingEvent,
)
from core.jobs import TrainingJob
from core.library.library import Library
from core.paths import training_folder
from tui.cli import COMMANDS, DONE, FAILED, INTERRUPTED, MISUSED, main
from tui.command_line import doctor, train
from tui.command_line.arguments import eagerness
from tui.command_line.training_output import LiveOutput, describe
from tui.console import clock, finite, number, percent, visible

Captured = pytest.CaptureFixture[str]


def _foretype(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, in a process of its own and through pipes."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "tui", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


# what it says


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_there(command: str, capsys: Captured) -> None:
    assert main([command, "--help"] if command else ["--help"]) == DONE
    text = capsys.readouterr().out
    assert text.startswith(f"usage: foretype {command}".rstrip())
    assert "exit status" in text


def test_the_app_names_every_command(capsys: Captured) -> None:
    main(["--help"])
    text = capsys.readouterr().out
    assert all(f"  {name}" in text for name in COMMANDS)


def test_version(capsys: Captured) -> None:
    assert main(["--version"]) == DONE
    assert capsys.readouterr().out.startswith("foretype ")


def test_the_app_needs_a_terminal() -> None:
    done = _foretype("draft.md")
    assert done.returncode == FAILED
    assert done.stderr.startswith("foretype: the app needs a terminal")


# what it refuses


@pytest.mark.parametrize(
    "arguments",
    [
        ["one.md", ""],
        ["--no-such-option"],
        ["train"],
        [""],
        ["train", ""],
        ["train", "book.txt", ""],
        ["train", "book.txt", "--held-out", ""],
        ["train", "book.txt", "--name", ""],
        ["train", "book.txt", "--from", ""],
        ["score", ""],
        ["generate", "a", "--model", ""],
        ["serve", "--model", ""],
        ["models", "show", ""],
        ["train", "book.txt", "--minutes", "-1"],
        ["train", "book.txt", "--minutes", "-1"],
        ["train", "book.txt", "--minutes", "nan"],
        ["train", "book.txt", "--minutes", "20000"],
        ["train", "book.txt", "--minutes", "1", "--epochs", "1"],
        ["train", "book.txt", "--dropout", "1"],
        ["train", "book.txt", "--layers", "0"],
        ["train", "book.txt", "--hidden", "many"],
        ["train", "book.txt", "--vocabulary", "256"],
        ["train", "book.txt", "--seed", "-1"],
        ["train", "book.txt", "--level", "letters"],
        ["train", "book.txt", "--resume"],
        ["train", "--resume", "--minutes", "3"],
        ["generate", "--temperature", "-0.1"],
        ["generate", "--temperature", "inf"],
        ["generate", "--temperature", "warm"],
        ["generate", "--top-p", "0"],
        ["generate", "--words", "0"],
        ["generate", "--count", "0"],
        ["score"],
        ["score", "book.txt", "--chars", "0"],
        ["score", "book.txt", "--start", "-1"],
        ["score", "book.txt", "--eagerness", "1.1"],
        ["serve", "--threads", "0"],
        ["models"],
        ["models", "burn"],
        ["models", "show"],
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(
    arguments: list[str], capsys: Captured, foretype_home: Path
) -> None:
    assert main(arguments) == MISUSED
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("foretype: ") and err.count("\n") == 1
    assert not list(foretype_home.rglob("*.json"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["train", "not there.txt"], "not there.txt"),
        (["train", "--resume"], "interrupted"),
        (["train", "--resume", "--name", "mine"], "mine"),
        (["train", ".", "--held-out", "gone.txt"], "gone.txt"),
        (["train", ".", "--name", "base"], "base"),
        (["train", ".", "--name", "a/b"], "a/b"),
        (["train", ".", "--name", "."], "stands for a folder"),
        (["train", ".", "--name", "nl\nname"], r"nl\nname"),
        (["train", ".", "--name=--weird"], "--weird"),
        (["train", ".", "--from", "stranger"], "stranger"),
        (["score", "not there.txt"], "not there.txt"),
        (["score", "."], "folder"),
        (["serve", "--model", "stranger"], "stranger"),
        (["models", "show", "stranger"], "stranger"),
        (["models", "delete", "stranger"], "stranger"),
        (["models", "rename", "stranger", "friend"], "stranger"),
        (["models", "rollback", "stranger"], "stranger"),
        (["models", "delete", "base"], "base"),
    ],
)
def test_a_failure_is_one_line_that_names_the_thing(
    arguments: list[str], named: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == FAILED
    err = capsys.readouterr().err
    assert err.startswith("foretype: ") and err.count("\n") == 1
    assert named in err


def test_control_characters_in_a_name_are_written_out(capsys: Captured) -> None:
    assert main(["score", "a\x1b[31m\n[red]b\u202e.txt"]) == FAILED
    assert r"a\x1b[31m\n[red]b\u202e.txt" in capsys.readouterr().err


def test_an_interrupt_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Library) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Library, "entries", interrupted)
    assert main(["models", "list"]) == INTERRUPTED


@given(st.text())
def test_visible_text_is_one_line_that_steers_nothing(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    shown.encode("utf-8")


def test_eagerness_is_said_in_the_words_of_the_app_or_as_a_probability(capsys: Captured) -> None:
    assert [eagerness(word) for word in (*THRESHOLDS, "0.3")] == [*THRESHOLDS.values(), 0.3]
    assert main(["score", "book.txt", "--eagerness", "keen"]) == MISUSED
    assert "keen is neither low, medium, high, always nor a number" in capsys.readouterr().err


def test_a_slip_in_a_commands_name_opens_no_file(
    capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opened: list[str] = []

    def opens(files: list[str]) -> int:
        opened.extend(files)
        return DONE

    monkeypatch.setattr("tui.cli._open_app", opens)
    assert main(["trian", "corpus"]) == MISUSED
    assert "did you mean foretype train?" in capsys.readouterr().err
    (tmp_path / "scores").touch()
    assert main(["scores"]) == DONE
    assert main(["./trian", "letter.md"]) == DONE
    assert opened == ["scores", "./trian", "letter.md"]


def test_a_damaged_model_is_listed_as_damaged(capsys: Captured) -> None:
    folder = paths.models_folder() / "broken" / "versions" / "0001"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text("{")
    assert main(["models", "list"]) == DONE
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("broken"))
    assert "damaged" in line
    assert [item.what for item in doctor._models()] == ["models", "damaged"]


def test_a_folder_without_a_model_is_named(capsys: Captured, tmp_path: Path) -> None:
    assert main(["models", "show", str(tmp_path)]) == FAILED
    assert (
        f"there is no model in {tmp_path}: a model's folder has a file model.json" in capsys.readouterr().err
    )


def test_the_doctor_says_a_thing_once(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FORETYPE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(doctor, "_torch", list[doctor.Finding])
    assert main(["doctor"]) == FAILED
    missing = [
        line[21:].strip() for line in capsys.readouterr().out.splitlines() if line.startswith("missing")
    ]
    assert len(set(missing)) == len(missing)


def test_numbers_for_people() -> None:
    assert [clock(5), clock(65), clock(3725), clock(float("nan"))] == ["0:05", "1:05", "1:02:05", "-"]
    assert [number(1234), number(2.345), number(None), number(float("inf"))] == ["1,234", "2.35", "-", "-"]
    assert [percent(0.247), percent(None)] == ["24.7 %", "-"]
    assert finite({"a": [float("nan"), 1.5], "b": (True, None)}) == {"a": [None, 1.5], "b": [True, None]}


# what is trained


def _job(*arguments: str) -> train.TrainingJob:
    import argparse

    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    return train.job(parser.parse_args(arguments))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "the book.txt"
    path.write_text("A book. " * 50, encoding="utf-8")
    return path


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A base model that is only its card."""
    from core.library.library import ModelEntry

    entry = ModelEntry("base", tmp_path / "base", 1, (1,), {"level": "subword"})
    monkeypatch.setattr(Library, "find", lambda self, name: entry)
    monkeypatch.setattr("core.library.library.base_folder", lambda: entry.folder)


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(
    ("arguments", "parent"),
    [
        ([], "base"),
        (["--level", "subword"], "base"),
        (["--from", "base"], "base"),
        (["--from", "nothing"], None),
        (["--level", "char"], None),
        (["--level", "word"], None),
        (["--cell", "gru"], None),
        (["--hidden", "64"], None),
        (["--dropout", "0.2"], None),
        (["--from", "nothing", "--level", "char", "--cell", "rnn"], None),
    ],
)
def test_where_training_starts(arguments: list[str], parent: str | None, book: Path) -> None:
    job = _job(str(book), *arguments)
    assert job.parent == parent
    assert job.minutes == train.MINUTES


@pytest.mark.usefixtures("base")
def test_a_models_own_shape_cannot_be_chosen(book: Path) -> None:
    with pytest.raises(train.Misuse, match="--cell cannot be chosen"):
        _job(str(book), "--from", "base", "--cell", "gru")


@pytest.mark.usefixtures("base")
def test_paths_are_kept_in_one_form(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (book.parent / "drafts").mkdir()
    monkeypatch.chdir(book.parent / "drafts")
    job = _job(f"../{book.name}", "--held-out", f"../{book.name}")
    assert (job.paths, job.held_out) == ((str(book),), str(book))


@pytest.mark.usefixtures("base")
def test_the_name_is_the_files(book: Path) -> None:
    assert _job(str(book)).name == "the book"
    assert _job(str(book.parent)).name == book.parent.name
    assert _job(str(book), "--name", "[mine]").name == "[mine]"
    assert _job(str(book), "--epochs", "2").minutes is None


def test_the_run_saved_last_is_resumed(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    resumed: list[TrainingJob | str] = []

    def train_now(work: TrainingJob | str, *, as_json: bool) -> tuple[int, None]:
        resumed.append(work)
        return DONE, None

    monkeypatch.setattr(train, "train_now", train_now)
    assert main(["train", "--resume"]) == FAILED
    assert "no interrupted training" in capsys.readouterr().err
    for name, when in (("older", 1000), ("newer", 2000), ("damaged", 3000)):
        folder = training_folder() / name
        folder.mkdir()
        job = TrainingJob(paths=("a.txt",), name=name, minutes=1).as_json() if name != "damaged" else []
        (folder / "job.json").write_text(json.dumps(job))
        (folder / "state.safetensors").write_bytes(b"")
        os.utime(folder / "state.safetensors", (when, when))
    (training_folder() / "older" / "proof.json").write_text("[]")  # not what was saved of the training
    assert main(["train", "--resume"]) == DONE
    assert resumed == [str(training_folder() / "newer")]


EVENTS: list[TrainingEvent] = [
    Reading(1, 200),
    CorpusRead(1, (("a\x1b.bin", "binary"), *((f"{n}", "empty") for n in range(30))), 180, 20, 60),
    Step(10, 0.5, float("nan"), float("nan"), 1e-3, 5000.0, 65.0),
    HeldOut(0, 2.1, 3.1, True),
    HeldOut(10, 2.0, 2.9, True),
    Step(12, 0.6, 5.4, 2.345, 1e-3, 5000.0, 30.0),
    Sample(10, 0.7, "\x1b[31mred\n[bold]"),
    Saved("/folder", 10),
    Paused(),
    Resumed(),
    Finished("[mine]", "/folder", 2.5, 2.9, 1.0, False, True),
    Finished("mine", "/folder", 3.5, None, 1.0, True, False),
]


def test_events_are_lines_without_control_characters() -> None:
    lines = [line for event in EVENTS for line in describe(event)]
    assert all(line == visible(line) for line in lines)
    assert r"left out: a\x1b.bin: binary" in lines
    assert "left out: 11 more" in lines
    assert any("2.500 bits per character on held-out text (2.900 before)" in line for line in lines)
    assert any("models use '[mine]'" in line for line in lines)
    assert "held out: 3.100 bits per character before training" in lines
    assert "held out: 2.900 bits per character (the best so far)" in lines
    assert " 60 %  step 12  2.35 bits per character  5,000 tokens/s  0:30 left" in lines


def test_the_live_output_takes_every_event(capsys: Captured) -> None:
    with LiveOutput() as output:
        for event in EVENTS:
            output.show(event)
        output.say("stopping")
    shown = capsys.readouterr().out
    assert "[bold]" in shown and "loss" not in shown
