"""Whole runs of the command with its real children: train, generate, score, serve, and Ctrl+C."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.library.learning import forgotten_by, note_forgotten
from core.library.library import Library
from tui.cli import DONE, FAILED, INTERRUPTED, UNREAD, main

Captured = pytest.CaptureFixture[str]

SENTENCES = ("The cat sat on the mat. ", "A dog ran to the gate. ", "She said that the sea was calm. ")
TINY = ("--from", "nothing", "--level", "char", "--layers", "1", "--hidden", "16", "--name", "tiny")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text("\n\n".join("".join(SENTENCES) * 4 for _ in range(40)), encoding="utf-8")
    return path


@pytest.fixture
def tiny(book: Path, capsys: Captured) -> str:
    assert main(["train", str(book), *TINY, "--epochs", "1"]) == DONE
    capsys.readouterr()
    return "tiny"


def test_training_in_a_pipe_says_what_happens(book: Path, capsys: Captured) -> None:
    assert main(["train", str(book), *TINY, "--epochs", "1"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("learning from 1 file: ")
    assert any(re.match(r"held out: \d\.\d+ bits per character", line) for line in lines)
    assert {line.split(":")[0] for line in lines} >= {f"at temperature {t}" for t in ("0.3", "0.7", "1")}
    assert lines[-3].startswith("tiny: ") and "bits per character on held-out text" in lines[-3]
    assert lines[-2].startswith("keys saved: ") and lines[-2].endswith(" held-out characters")
    assert lines[-1].startswith("use it: foretype models use tiny")
    assert "\x1b" not in "".join(lines)


def test_training_as_json_is_an_event_a_line(book: Path, capsys: Captured) -> None:
    assert main(["train", str(book), *TINY, "--epochs", "1", "--json"]) == DONE
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "finished"
    assert events[-1]["name"] == "tiny"
    assert Library().find("tiny").card["held_out"]["bits_per_character"] > 0


def test_what_is_named_may_be_learnt_again(tiny: str, book: Path) -> None:
    note_forgotten(tiny, str(book))
    note_forgotten(tiny, "/notes/other.md")
    assert main(["train", str(book), *TINY, "--epochs", "0.1"]) == DONE
    assert forgotten_by(tiny) == ("/notes/other.md",)


def test_a_text_too_short_is_one_line(tmp_path: Path, capsys: Captured) -> None:
    short = tmp_path / "short.txt"
    short.write_text("Too short.", encoding="utf-8")
    assert main(["train", str(short), *TINY]) == FAILED
    err = capsys.readouterr().err
    assert err.startswith("foretype: ") and err.count("\n") == 1
    assert Library().names() in ([], ["base"])


def test_the_model_generates_scores_and_serves(tiny: str, book: Path, capsys: Captured) -> None:
    generate = ["generate", "The cat ", "--model", tiny, "--words", "5", "--seed", "1"]
    assert main(generate) == DONE
    text = capsys.readouterr().out
    assert text.startswith("The cat ") and text.endswith("\n") and "\x1b" not in text
    assert main([*generate, "--json", "--count", "2"]) == DONE
    first, second = json.loads(capsys.readouterr().out)
    assert text.rstrip("\n") == ("The cat " + first["text"]).rstrip("\n")
    assert (first["seed"], second["seed"]) == (1, 2)

    assert main(["score", str(book), "--model", tiny, "--chars", "60", "--start", "40", "--json"]) == DONE
    score = json.loads(capsys.readouterr().out)
    assert score["file"] == str(book) and score["model"] == tiny and score["characters"] == 60
    assert len(score["interval"]) == 2 and set(score["latency_ms"]) == {"median", "p95"}
    assert main(["score", str(book), "--model", tiny, "--chars", "60"]) == DONE
    assert "keys saved" in capsys.readouterr().out

    request = {"jsonrpc": "2.0", "id": 1, "method": "suggest", "params": {"before": "The cat sat on "}}
    served = subprocess.run(
        [sys.executable, "-P", "-m", "tui", "serve", "--model", tiny],
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        timeout=110,
        check=True,
    )
    assert json.loads(served.stdout)["result"]["ghost"]


def test_a_prompt_from_standard_input(tiny: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tui", "generate", "--model", tiny, "--words", "2"],
        input=b"The cat\xff ",
        capture_output=True,
        timeout=110,
        check=True,
    )
    assert done.stdout.decode("utf-8").startswith("The cat\ufffd ")


def test_a_reader_that_goes_ends_the_writing_without_a_word(tiny: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui", "generate", "The cat ", "--model", tiny, "--words", "100000"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.read(20)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == UNREAD
    process.stderr.close()


def test_ctrl_c_stops_training_and_keeps_the_best(book: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui", "train", str(book), *TINY, "--minutes", "30"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "step" in line:
            break
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the children hear of it too
    out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "the best so far is kept" in err
    assert "tiny: " in out
    assert Library().find("tiny").version == 1


def test_training_on_a_terminal_shows_a_bar(book: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui", "train", str(book), *TINY, "--epochs", "1"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = bytearray()
    try:
        while block := os.read(ours, 65536):
            shown += block
    except OSError:  # Linux says so when the last writer has gone
        pass
    os.close(ours)
    assert process.wait() == DONE
    assert b"%" in shown and b"bits per character" in shown


@pytest.mark.slow
def test_a_model_remembers_travels_and_forgets(book: Path, tmp_path: Path, capsys: Captured) -> None:
    level = [
        "--from",
        "nothing",
        "--level",
        "subword",
        "--layers",
        "1",
        "--hidden",
        "16",
        "--vocabulary",
        "300",
    ]
    assert main(["train", str(book), *level, "--name", "start", "--epochs", "1"]) == DONE
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in "abcdefgh":
        text = "\n\n".join(
            f"Zanzibar {name}{number} met Quagmire. " + "".join(SENTENCES) for number in range(25)
        )
        (notes / f"{name}.md").write_text(text, encoding="utf-8")
    assert main(["train", str(notes), "--from", "start", "--name", "mine", "--memory-only"]) == DONE
    sources = Library().find("mine").card["trained_on"]
    learnt = next(
        item["path"] for item in sources if item.get("weights") is False and not item.get("held_out")
    )
    file = tmp_path / "mine.foretype"
    assert main(["models", "export", "mine", str(file)]) == DONE
    assert main(["models", "import", str(file), "--name", "twin"]) == DONE
    capsys.readouterr()
    for name in ("mine", "twin"):
        assert main(["models", "forget", name, learnt, "--json"]) == DONE
        assert json.loads(capsys.readouterr().out) == {"path": learnt, "versions": 1, "weights": []}
    for name in ("mine", "twin"):
        kept = (Library().find(name).folder / "personal.safetensors").read_bytes()
        assert learnt.encode() not in kept
    assert main(["train", str(book), "--from", "start", "--name", "tuned", "--epochs", "1"]) == DONE
    assert main(["train", str(notes), "--from", "start", "--name", "tuned", "--epochs", "1"]) == DONE
    assert Library().find("tuned").versions == (1, 2)
    assert main(["models", "show", "tuned"]) == DONE
    assert "before" in capsys.readouterr().out
